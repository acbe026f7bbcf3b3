"""Exports: what is held, as CSV, JSON lines or Parquet, in constant memory. All of it is masked, as it is stored."""
