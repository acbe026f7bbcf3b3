"""`reports`: the weeks that the staff chat has a report of, so that none has two."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Report(Base):
    """One weekly report. The message that brings it is a `bot_messages` row; the document is kept nowhere, but made when it is
    sent: what was deleted until then is not in it."""

    __tablename__ = "reports"

    report_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    week: Mapped[date] = mapped_column(Date, unique=True)
    """The Monday of the week in which it is due, on the operator's calendar."""
    since: Mapped[datetime]
    """What it is about begins here,"""
    until: Mapped[datetime]
    """and ends before this moment."""
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
