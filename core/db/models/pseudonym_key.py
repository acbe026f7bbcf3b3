"""`pseudonym_key`: which key the stored pseudonyms were made with. One row."""

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class PseudonymKey(Base):
    """Under another key the same person would become another, unnoticed: a mismatch is an error."""

    __tablename__ = "pseudonym_key"

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    fingerprint: Mapped[str]
    """`core.privacy.pseudonyms.Pseudonyms.fingerprint`."""

    __table_args__ = (CheckConstraint("only_row", name="only_row"),)
