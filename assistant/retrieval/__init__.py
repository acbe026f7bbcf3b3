"""Finding the units that a question may be answered from, and judging whether they suffice."""
