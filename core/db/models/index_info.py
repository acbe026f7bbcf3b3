"""`index_info`: which embedding model made the vectors. One row."""

from datetime import datetime

from sqlalchemy import CheckConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class IndexInfo(Base):
    """Vectors of two models cannot be compared: a mismatch is an error that names `otklik reindex`."""

    __tablename__ = "index_info"

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    model: Mapped[str]
    dimension: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("only_row", name="only_row"),)
