"""The live listener: a user account that reads its chats, and only reads. The one place where Telethon may be imported.

listener    hears pushes, keeps the count, fetches what was missed
boxes       Telegram's event numbers: which event is next, known, or comes after a gap (pure)
translate   Telegram's objects as `RawMessage` and `RawChat` (pure)
selection   which chats are listened to (pure)
outbox      masking and publishing in order; the cursor follows what Redis has safely taken
ledger      cursors and coverage in PostgreSQL
reconcile   what comes first: recent messages read again, then history
history     pages of the past: holes, and the time before
origins     supergroups that were basic groups before: one chat (pure)
folding     the rows of such a group become the supergroup's
guard       the client that cannot write
login       sessions
"""
