"""Marks of one answer that need no model. Pure: what was found and said in, numbers out."""
