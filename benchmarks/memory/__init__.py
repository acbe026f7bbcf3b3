"""What the bot itself costs, and whether a crowd is answered once each."""
