"""How well masking finds personal data, and what it costs: `python -m benchmarks.masking FILE...`."""
