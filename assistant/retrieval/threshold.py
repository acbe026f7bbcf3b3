"""How strong evidence must be here: as it was fitted on this installation's cases, or as it comes with Otklik."""

from sqlalchemy import select

from assistant.retrieval.evidence import STRONG
from core.db.models import Calibration
from core.db.session import ReadSession


async def threshold_for(session: ReadSession, embedding_model: str) -> float:
    """The latest one that was fitted with this embedding model: strengths of another one mean something else."""
    latest = select(Calibration.threshold).where(Calibration.embedding_model == embedding_model)
    fitted = await session.scalar(latest.order_by(Calibration.fitted_at.desc()).limit(1))
    return STRONG if fitted is None else fitted
