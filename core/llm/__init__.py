"""The one door to Anthropic, and to any server that speaks its Messages API.

`calls` are the words (what goes in, what comes out), `gateway` is the call path, `ledger` and `prices` account for it,
`prompts` holds what is said to the model, `reading` makes sense of the stream, `vendor` alone imports the SDK.
"""
