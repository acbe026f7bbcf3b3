"""What the numbers of the README come from: each package here is one command."""
