"""Who keeps what people wrote, and who deletes it, wait for each other: some milliseconds.

Else a text and its deletion, in two transactions at once, would not see each other, and the deleted text would stay.
Taken before any other lock, so that nobody waits in a circle.
"""

from typing import Final

from sqlalchemy import text

KEEPING: Final = text("SELECT pg_advisory_xact_lock_shared(3, 0)")
"""Of whoever stores a message, or a copy of its words, after a look at `deleted_messages`."""
DELETING: Final = text("SELECT pg_advisory_xact_lock(3, 0)")
