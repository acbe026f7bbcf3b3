"""How often the gate of `otklik evals` is shut for nothing, and how often for something."""
