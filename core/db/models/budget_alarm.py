"""`budget_alarms`: that a share of a budget was reached. Told once for each period."""

from datetime import date, datetime

from sqlalchemy import Date, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

TOTAL = "total"


class BudgetAlarm(Base):
    """One alarm."""

    __tablename__ = "budget_alarms"

    period: Mapped[str] = mapped_column(primary_key=True)
    """`day` or `month`."""
    begins: Mapped[date] = mapped_column(Date, primary_key=True)
    """The first day of the period, in the operator's time zone."""
    budget: Mapped[str] = mapped_column(primary_key=True)
    """`total`, or a purpose that has a budget of its own."""
    percent: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """50, 80 or 100."""
    raised_at: Mapped[datetime] = mapped_column(server_default=func.now())
