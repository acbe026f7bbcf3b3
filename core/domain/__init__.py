"""Words and rules of the support domain, without I/O."""
