"""What each piece of evidence weighs, in log-odds: as fitted, and as set by hand where the labelled channels are silent."""

from collections.abc import Mapping

from ingestion.threading.fitted import FITTED

BY_HAND: Mapping[str, float] = {
    # The labelled channels are lively (ten seconds between messages) and have no staff. A support chat is slow and has
    # two roles. Hardly one of these ever fires in the labelled channels (7 times in 21,000 candidates).
    # Set by looking at the sample chats, where they find 8 of 10 of Telegram's own replies again that were taken out
    # (6 of 10 when nobody is known as staff): a check that they do no harm, no measure of other chats.
    "staff: starts": -4.0,  # staff mostly answer; what they start is an announcement
    "staff: answers a client": 1.2,
    "staff: unanswered question": 1.5,  # "answered by names" is all that is seen, and staff often name nobody
    "staff: after staff": -1.0,
    "client: after staff": 0.6,
    "client: after another client": -1.2,  # with staff present, clients rarely answer each other
    "client: thanks staff": 1.0,
    "staff: own, but not in a row": -2.0,
    "calm: new author tells": -1.5,  # in a lively channel a stranger starts; in a calm one who only tells, answers
    "calm: tells after an open question": 1.5,
    "calm: next turn": 1.0,
    "calm: answers who spoke after me": 0.7,
    # Doublings of the hour beyond the first, up to a week (7.4).
    "start: hours of silence": 0.35,
    "own: hours since": -0.35,
    "client: hours since": -0.35,
    "staff: hours since": -0.1,  # a question of the evening is answered in the morning
}

WEIGHTS: Mapping[str, float] = {**FITTED, **BY_HAND}
