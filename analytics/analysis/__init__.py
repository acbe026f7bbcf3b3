"""Reading a window, or one urgent message: with Claude (`windows`, `messages`), or without it (`local`)."""
