"""Threading: which earlier message does a message continue? Pure: messages in, links with their evidence out.

window = [prepare(earlier) for earlier in the_last_hundred]
decision = link(prepare(message), window)
"""

from ingestion.threading.features import MAX_AGE, WINDOW
from ingestion.threading.prepared import Prepared, prepare
from ingestion.threading.rule import link

__all__ = ["MAX_AGE", "WINDOW", "Prepared", "link", "prepare"]
