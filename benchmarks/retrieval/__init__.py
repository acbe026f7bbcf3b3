"""How well and how fast the hybrid query finds."""
