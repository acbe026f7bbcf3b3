"""What it costs to read a stream, by three strategies on the same messages."""
