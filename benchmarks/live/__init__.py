"""How soon a message that Telegram pushes is a row, and found by its meaning."""
