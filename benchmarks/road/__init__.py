"""The speed of the main road: masking, storing, threading, indexing and search, from one run on throw-away servers."""
