"""The one place that reads the environment. Built once by the process that starts, and passed down."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import SettingsError


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """Every setting, read from `OTKLIK_…` variables. Nothing has to be set: the defaults run on embedded servers."""

    model_config = SettingsConfigDict(env_prefix="OTKLIK_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: AbsolutePath = Path(".otklik")
    """Where the embedded stores, keys and sessions live. Two homes never meet."""

    config: AbsolutePath = Path("otklik.toml")
    """The rules file: staff, lanes, time zones. It may be absent: every rule has a default."""

    database_url: SecretStr | None = None
    """`postgresql://…` of a PostgreSQL 16 or newer with pgvector; unset means the embedded one."""

    redis_url: SecretStr | None = None
    """`redis://…` of a Redis 7 or Valkey; unset means the embedded one."""

    pseudonym_key: SecretStr | None = None
    """64 hexadecimal digits; after a rotation several such keys, oldest first, with blanks between. Unset means
    `keys/pseudonym.key` in the home, made at the first start."""

    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    """Without a key the answers are extractive: the best past answer, quoted."""

    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")
    """Any server that speaks the Messages API."""

    embedding_model: str = "bundled"
    """`bundled` is multilingual-e5-small, in process; any sentence-transformers model with the extra `[transformers]`."""

    answer_model: str = "claude-sonnet-5"
    """The model that writes answers. Its price must be known (`core/llm/prices.toml`)."""

    analysis_model: str = "claude-haiku-4-5"
    """The model that reads the stream. Its price must be known too."""

    judge_model: str = "claude-opus-5"
    """The model that marks answers in evals: a stronger one than writes them. Its price must be known too."""

    stream_bound: int = Field(default=50_000, ge=100)
    """Entries in one stream at which publishers wait; nothing unread is ever dropped."""

    telegram_api_id: int | None = Field(default=None, ge=1)
    """From https://my.telegram.org: with the hash it lets `otklik login` and `otklik listen` be a Telegram client."""

    telegram_api_hash: SecretStr | None = None
    """Belongs to the id."""

    telegram_phone: str | None = None
    """The listening account's phone; `otklik login` asks for it where it is not set."""

    telegram_session: SecretStr | None = None
    """A `StringSession` instead of the file that `otklik login` makes."""

    bot_token: SecretStr | None = None
    """From @BotFather: with it `otklik bot` answers in Telegram."""

    bot_api_url: str = "https://api.telegram.org"
    """A Bot API server of your own, where you run one."""

    bot_webhook_url: str | None = Field(default=None, pattern="^https://")
    """The public address under which Telegram reaches `/telegram` of the bot role; unset means long polling."""

    bot_webhook_secret: SecretStr | None = None
    """What Telegram has to send with each update: 16 to 256 letters, digits, `_` or `-`. Needed with the address."""

    health_host: str = "127.0.0.1"
    """Where a role serves `/health` and `/metrics`. Loopback by default; compose sets 0.0.0.0 inside its network."""

    store_port: int = Field(default=9101, ge=0, le=65535)
    """Port of the store role's `/health` and `/metrics`."""

    listen_port: int = Field(default=9102, ge=0, le=65535)
    """Port of the listen role's `/health` and `/metrics`."""

    bot_port: int = Field(default=9103, ge=0, le=65535)
    """Port of the bot role's `/health` and `/metrics`, and of `/telegram` where there is a webhook."""

    analyze_port: int = Field(default=9104, ge=0, le=65535)
    """Port of the analyze role's `/health` and `/metrics`."""

    dashboard_port: int = Field(default=9105, ge=0, le=65535)
    """Port of the dashboard role's `/health` and `/metrics`, which have no password: the pages are on another."""

    pages_host: str = "127.0.0.1"
    """Where the dashboard's pages are served. Beyond loopback only where `[dashboard]` of the rules says who may enter."""

    pages_port: int = Field(default=8501, ge=0, le=65535)
    """Port of the dashboard's pages."""

    pages_url: str | None = Field(default=None, pattern=r"^https?://[^/?#\s]+$")
    """The address under which people open the pages, where that is another: behind a proxy. Needed for OIDC."""

    pages_proxy: str = "127.0.0.1"
    """Addresses of the proxies before the pages, with commas between: what they say of where a visitor is, is believed."""

    pages_secret: SecretStr | None = Field(default=None, min_length=32)
    """Signs the visitors' sessions. Unset means another one at each start: after it people log in again."""

    oidc_metadata_url: str | None = Field(default=None, pattern="^https?://")
    """`https://…/.well-known/openid-configuration`: with the two below, visitors log in there."""

    oidc_client_id: str | None = None
    """As the provider knows the dashboard."""

    oidc_client_secret: SecretStr | None = None
    """Belongs to the id."""

    log_format: str = Field(default="text", pattern="^(text|json)$")
    """`text` for a terminal, `json` for a log collector."""

    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @property
    def bot_id(self) -> int | None:
        """The bot's own Telegram id, with which its token begins; None without a bot."""
        number = self.bot_token.get_secret_value().partition(":")[0] if self.bot_token else ""
        return int(number) if number.isdecimal() else None

    @property
    def telegram_session_path(self) -> Path:
        """Where `otklik login` keeps the session."""
        return self.home / "sessions" / "listener.session"

    @property
    def pseudonym_key_path(self) -> Path:
        """Where the key is kept when it is not set."""
        return self.home / "keys" / "pseudonym.key"


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: a variable has a value that cannot be used; the text names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"OTKLIK_{name.upper()}"
        raise SettingsError(f"The environment variable {variable} cannot be used: {first['msg']}.") from None
