"""Having a deed done, and saying what became of it."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st
import structlog

from core.errors import BadInput, MaskingError
from core.metrics import DASHBOARD_DEEDS
from dashboard import data
from dashboard.deeds import NotAllowed
from dashboard.desk import desk
from dashboard.texts import shell as texts
from dashboard.view import View

log = structlog.get_logger(__name__)


def done(view: View, deed: str, work: Coroutine[Any, Any, Any]) -> bool:
    """Have it done. What was true before is forgotten, so that the next run shows the change. False, with a sentence on the
    page, where it was not done.

    Raises:
        Unavailable: a store is away; the frame says which.
    """
    outcome = "failed"
    try:
        desk().run(work)
        outcome = "done"
    except NotAllowed:
        outcome = "refused"
        st.error(view.say(texts.NOT_ALLOWED))
    except (BadInput, MaskingError) as error:
        outcome = "refused"
        st.error(view.say(texts.NOT_DONE, why=str(error)))
    finally:
        DASHBOARD_DEEDS.labels(deed, outcome).inc()
        data.forget()
    if outcome == "done":
        log.info("a visitor changed something", deed=deed, role=view.visitor.role.value)
    return outcome == "done"
