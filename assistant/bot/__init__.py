"""The assistant in Telegram, and the only place that knows aiogram (docs/roles/bot.md)."""
