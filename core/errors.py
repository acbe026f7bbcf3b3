"""The exception tree. Every error that a person may meet is drawn here, with what they can do about it.

OtklikError                     the command fails with exit status 1 and one sentence
├── BadInput                    the person gave something that cannot be used (exit status 2)
│   ├── SettingsError           a setting or `otklik.toml` is wrong
│   └── UnreadableSource        a chat export that is broken, truncated or of a foreign format
├── MaskingError                a text could not be masked; it is never passed on raw
├── EndedForGood                starting again cannot help, a person has to act (exit status 3)
├── Unavailable                 a service cannot be reached now; trying again later may help
├── IndexMismatch               the index was built by another embedding model
├── SourceGone                  what an answer rests on was deleted while it was written (`assistant.answering.recording`)
└── ModelCallError              a call to a model failed (its kinds are in `core.llm.errors`)

Bugs are not drawn: they stay ordinary Python exceptions and end in a traceback in the log.
"""


class OtklikError(Exception):
    """A failure that was foreseen. Its text is one sentence that tells the person what to do."""

    exit_status = 1


class BadInput(OtklikError):
    """What the person gave cannot be used as it is."""

    exit_status = 2


class SettingsError(BadInput):
    """A setting is missing or wrong."""


class UnreadableSource(BadInput):
    """A file that was to be imported is broken or not of a known format."""


class MaskingError(OtklikError):
    """A text could not be masked. The message waits; it is never stored or sent raw."""


class EndedForGood(OtklikError):
    """What lets a process in was taken away: a role that starts again would only end again."""

    exit_status = 3


class Unavailable(OtklikError):
    """A service that Otklik needs does not answer at the moment."""


class IndexMismatch(OtklikError):
    """The stored vectors were made by another model than the one that is configured."""


class ModelCallError(OtklikError):
    """A call to a language model did not bring a usable reply."""
