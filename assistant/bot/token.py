"""The bot's token: what can be wrong with it, told to the person who has to put it right."""

import re

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.utils.token import TokenValidationError
from pydantic import SecretStr

from assistant.bot.session import Connection, make_bot
from core.errors import EndedForGood, SettingsError, Unavailable
from core.settings import Settings


class TokenRefused(EndedForGood):
    """Telegram does not know the bot's token."""


def bot_from(settings: Settings) -> tuple[Bot, Connection]:
    """The bot of the settings.

    Raises:
        SettingsError: there is no token, or it is none; or a webhook has no secret.
    """
    if settings.bot_token is None:
        raise SettingsError("OTKLIK_BOT_TOKEN is not set; ask @BotFather in Telegram for a bot and set its token.")
    if settings.bot_webhook_url is not None and not _is_secret(settings.bot_webhook_secret):
        raise SettingsError(
            "OTKLIK_BOT_WEBHOOK_URL needs OTKLIK_BOT_WEBHOOK_SECRET; set it to the output of `openssl rand -hex 32`."
        )
    try:
        return make_bot(settings.bot_token.get_secret_value(), settings.bot_api_url)
    except TokenValidationError:
        raise SettingsError("OTKLIK_BOT_TOKEN is no token; copy it whole from @BotFather: 123456:ABC…") from None


async def introduced(settings: Settings) -> str:
    """The bot's username, as Telegram tells; for `otklik doctor`.

    Raises:
        SettingsError: a setting is missing or wrong.
        TokenRefused: Telegram does not know the token.
        Unavailable: Telegram does not answer.
    """
    bot, _ = bot_from(settings)
    try:
        return (await bot.get_me()).username or ""
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise refused() from error
    except (TelegramAPIError, ClientDecodeError) as error:
        raise Unavailable(f"Telegram does not answer ({type(error).__name__}); check the network.") from error
    finally:
        await bot.session.close()


def refused() -> TokenRefused:
    """What the operator is told."""
    return TokenRefused(
        "Telegram does not know the bot's token; copy it again from @BotFather, set OTKLIK_BOT_TOKEN and start again. "
        "Nothing is answered until then; the other roles go on."
    )


def _is_secret(secret: SecretStr | None) -> bool:
    """Whether Telegram takes it, and nobody finds it by trying."""
    return secret is not None and re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()) is not None
