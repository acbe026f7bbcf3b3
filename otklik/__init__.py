"""The command: the top floor, and the only place that wires processes."""
