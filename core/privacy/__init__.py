"""Masking and pseudonyms: nothing personal leaves the process that first sees it."""
