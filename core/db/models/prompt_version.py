"""`prompt_versions`: the text of every prompt that was ever sent, under the hash that the ledger names."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class PromptVersion(Base):
    """One prompt as it stood. The version is a hash of the text, so a prompt cannot change under its version."""

    __tablename__ = "prompt_versions"

    version: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    text: Mapped[str]
    """The whole file, front matter included."""
    first_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
