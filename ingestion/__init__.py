"""How messages come in: from Telegram or an export, through masking and lanes, to rows, threads and units."""
