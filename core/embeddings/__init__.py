"""Embedding models behind LlamaIndex's interface. Importing a module of this package imports LlamaIndex (1.4 s)."""
