"""The commands, a module per theme. Each reads its options, wires a process, and prints; it decides nothing.

A command imports what it needs in its body: LlamaIndex alone takes 1.4 s, which `otklik --help` must not.
"""
