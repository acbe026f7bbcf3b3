"""What `otklik evals` does: the parts of `evals` put together for one command, and how what came out is shown.

A module a kind of command, because each imports what it needs: whoever lists runs waits for no statistics.
"""
