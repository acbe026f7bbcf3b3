"""What speaks for and against a link, as named evidence. The weights stand in `weights.py`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import log, log2

from ingestion.threading.prepared import Prepared

WINDOW = 100
"""Messages of the chat, or of its topic, looked back at: 99 of 100 labelled parents are among the last 100 messages."""
MAX_AGE = 7 * 24 * 3600.0
"""Seconds looked back: a question of Friday evening is answered on Monday, one of last month is forgotten."""

CALM = 1800.0
"""Seconds in which a lively chat has more than `NEAR` messages."""
NEAR = 10
"""Every one of the last ten messages is weighed: 89 of 100 labelled parents are there, 98 with those chosen below."""
OF_OWN, OF_NAMED, OF_PARTNER, OF_RELATED = 3, 4, 3, 3
"""Farther back only the latest few are weighed: of one's own, of whom one names, of those one talks with, and those
that share rare words."""

Feature = tuple[str, float]
Add = Callable[[Feature], None]


@dataclass(slots=True)
class Scene:
    """The window as one message sees it: read in one pass, from the newest back."""

    message: Prepared
    recent: list[Prepared]
    """Newest first."""
    rank: list[int] = field(default_factory=list)
    """For each of `recent`: how many later messages its author wrote."""
    turn: list[int] = field(default_factory=list)
    """For each of `recent`: how many times the speaker changed since."""
    addressed: list[frozenset[str]] = field(default_factory=list)
    """For each of `recent`: whom it names or replies to."""
    told_to: dict[str, int] = field(default_factory=dict)
    """Whom the message's author addressed, and how far back at the latest; the latest first."""
    told_by: dict[str, int] = field(default_factory=dict)
    """Who addressed the message's author, and how far back at the latest; the latest first."""
    answered: dict[str, int] = field(default_factory=dict)
    """Who was addressed by anybody, and how far back at the latest."""
    own: int | None = None
    """How far back the author's own last message is."""
    overlap: dict[int, float] = field(default_factory=dict)
    """For those of `recent` that share stems: how rare the shared ones are, summed."""
    most_overlap: float = 0.0
    has_staff: bool = False
    calm: bool = False
    """Fewer than ten messages in half an hour, as in most support chats and never in the labelled channels."""


def look(message: Prepared, window: Sequence[Prepared]) -> Scene:
    """Read the window."""
    scene = Scene(message, _recent(message, window))
    authors = {c.message_id: c.sender for c in scene.recent}
    ranks: dict[str, int] = {}
    turns, speaker = 0, message.sender
    for index, c in enumerate(scene.recent):
        if c.sender != speaker:
            turns, speaker = turns + 1, c.sender
        rank = ranks.get(c.sender, 0)
        ranks[c.sender] = rank + 1
        scene.rank.append(rank)
        scene.turn.append(turns)
        scene.has_staff = scene.has_staff or c.is_staff
        _note_talk(scene, c, index, authors)
    _note_overlap(scene)
    tenth = scene.recent[NEAR - 1] if len(scene.recent) >= NEAR else None
    scene.calm = tenth is None or message.at - tenth.at > CALM
    return scene


def _recent(message: Prepared, window: Sequence[Prepared]) -> list[Prepared]:
    """The last `WINDOW` messages of the same topic that are not too old, newest first."""
    oldest, topic, number = message.at - MAX_AGE, message.topic_id, message.message_id
    same = (c for c in reversed(window) if c.topic_id == topic and c.at >= oldest and c.message_id != number)
    return list(islice(same, WINDOW))


def _note_talk(scene: Scene, c: Prepared, index: int, authors: dict[int, str]) -> None:
    me = scene.message.sender
    addressed = c.mentions
    if c.reply_to is not None and c.reply_to in authors:
        addressed = addressed | {authors[c.reply_to]}
    scene.addressed.append(addressed)
    if c.sender == me:
        if scene.own is None:
            scene.own = index
        for sender in addressed:
            scene.told_to.setdefault(sender, index)
    elif me in addressed:
        scene.told_by.setdefault(c.sender, index)
    for sender in addressed:
        scene.answered.setdefault(sender, index)


def _note_overlap(scene: Scene) -> None:
    stems = scene.message.stems
    if not stems:
        return
    shared = {i: stems & c.stems for i, c in enumerate(scene.recent) if not stems.isdisjoint(c.stems)}
    counts: dict[str, int] = {}
    for common in shared.values():
        for stem in common:
            counts[stem] = counts.get(stem, 0) + 1
    size = len(scene.recent) + 1
    rarity = {stem: log(size / n) for stem, n in counts.items()}
    for i, common in shared.items():
        scene.overlap[i] = sum(rarity[stem] for stem in common)
    scene.most_overlap = max(scene.overlap.values(), default=0.0)


def candidates(scene: Scene) -> list[int]:
    """Which of the recent messages are worth weighing, nearest first."""
    chosen = set(range(min(NEAR, len(scene.recent))))
    me, named = scene.message.sender, scene.message.mentions
    for i in range(NEAR, len(scene.recent)):
        author, rank = scene.recent[i].sender, scene.rank[i]
        if (
            (author == me and rank < OF_OWN)
            or (author in named and rank < OF_NAMED)
            or (rank < OF_PARTNER and (author in scene.told_to or author in scene.told_by))
        ):
            chosen.add(i)
    related = sorted(scene.overlap, key=lambda i: (-scene.overlap[i], i))
    chosen.update(related[:OF_RELATED])
    return sorted(chosen)


def of_start(scene: Scene) -> list[Feature]:
    """What speaks for the message starting a thread."""
    features: list[Feature] = [("start", 1.0)]
    add = features.append
    _start_of_author(scene, add)
    _start_of_words(scene, add)
    if scene.recent:
        silence = scene.message.at - scene.recent[0].at
        add(("start: silence before", _minutes(silence)))
        if silence > HOUR:
            add(("start: hours of silence", _hours(silence)))
    return features


def _start_of_author(scene: Scene, add: Add) -> None:
    m, own = scene.message, scene.own
    if m.is_staff:
        add(("staff: starts", 1.0))
    elif own is None:
        add(("start: author is new here", 1.0))
        if m.question:
            add(("start: new author asks", 1.0))
        elif scene.calm:
            add(("calm: new author tells", 1.0))
    if own is not None:
        add(("start: author spoke long ago", log2(1 + own)))
        add(("start: author was silent", _minutes(m.at - scene.recent[own].at)))
        if any(i < own for i in scene.told_by.values()):
            add(("start: was spoken to since", 1.0))
    if scene.told_by or scene.told_to:
        add(("start: is in talk", 1.0))


def _start_of_words(scene: Scene, add: Add) -> None:
    m = scene.message
    if m.mentions:
        add(("start: names somebody known", 1.0))
    elif m.opens_with_name:
        add(("start: addresses somebody unseen", 1.0))
    shapes = (m.question and not m.is_staff, m.greeting, m.thanks, m.reaction, m.filler)
    for name, is_so in zip(_START_SHAPES, shapes, strict=True):
        if is_so:
            add((name, 1.0))
    add(("start: length", log2(1 + m.length)))


_START_SHAPES = ("start: asks", "start: greets", "start: thanks", "start: reaction", "start: nothing but a reaction")

HOUR = 3600.0


def _minutes(seconds: float) -> float:
    """Log2 of minutes, at most half an hour: beyond it the clock of a live channel says nothing about a slow chat."""
    return log2(1 + min(max(seconds, 0.0), 1800.0) / 60)


def _hours(seconds: float) -> float:
    """Doublings of the hour, for gaps longer than one."""
    return log2(max(seconds, HOUR) / HOUR)


def of_candidate(scene: Scene, i: int) -> list[Feature]:
    """What speaks for and against the message continuing the i-th latest one."""
    m, c = scene.message, scene.recent[i]
    addressed = scene.addressed[i]
    kind, distance, time, adjacent, latest, wrote_since, asks, to_me, words = _NAMES[_kind(scene, c, addressed)]
    features: list[Feature] = [(kind, 1.0), (distance, log2(1 + i)), (time, _minutes(m.at - c.at))]
    add = features.append
    if i == 0:
        add((adjacent, 1.0))
    rank = scene.rank[i]
    if rank == 0:
        add((latest, 1.0))
    else:
        add((wrote_since, log2(1 + rank)))
    if c.question:
        add((asks, 1.0))
    if scene.told_by.get(c.sender) == i:
        add((to_me, 1.0))
    if i in scene.overlap:
        add((words, min(scene.overlap[i], 12.0)))
    _of_words(scene, i, c, add)
    if c.sender == m.sender:
        _of_shapes(m, c, "own", add)
        _of_own(scene, i, addressed, add)
    else:
        _of_shapes(m, c, "other", add)
        _of_addressing(scene, i, addressed, add)
        _of_history(scene, i, add)
    _of_roles(scene, i, add)
    return features


_KINDS = ("own", "named", "named me", "named, and named me", "another's")
_PLACE = (
    "",
    ": distance",
    ": time",
    ": adjacent",
    ": author's latest",
    ": author wrote since",
    ": it asks",
    ": their latest to me",
    ": shared words",
)
_NAMES = {kind: tuple(kind + place for place in _PLACE) for kind in _KINDS}


def _kind(scene: Scene, c: Prepared, addressed: frozenset[str]) -> str:
    """How the two authors stand to each other: the strongest evidence there is, so place and time count by it."""
    m = scene.message
    if c.sender == m.sender:
        return "own"
    to, back = c.sender in m.mentions, m.sender in addressed
    if to:
        return "named, and named me" if back else "named"
    return "named me" if back else "another's"


def _of_words(scene: Scene, i: int, c: Prepared, add: Add) -> None:
    overlap = scene.overlap.get(i, 0.0)
    if overlap:
        add(("shared rare words", min(overlap, 12.0)))
        if overlap == scene.most_overlap:
            add(("most shared words", 1.0))
    if not scene.message.codes.isdisjoint(c.codes):
        add(("shared code", 1.0))


def _of_shapes(m: Prepared, c: Prepared, who: str, add: Add) -> None:
    names = _SHAPES[who]
    if c.question:
        add((names[0 if m.question else 1], 1.0))
    elif m.question:
        add((names[2], 1.0))
    if c.filler:
        add((names[3], 1.0))
    if m.filler:
        add((names[4], 1.0))
    if c.greeting:
        add((names[5], 1.0))
    if m.thanks:
        add((names[6], 1.0))
    add((names[7], log2(1 + c.length)))


_SHAPE_NAMES = (
    "question after question",
    "statement after question",
    "question after statement",
    "after a reaction",
    "is a reaction",
    "after greeting",
    "thanks",
    "parent's length",
)
_SHAPES = {who: tuple(f"{who}: {name}" for name in _SHAPE_NAMES) for who in ("own", "other")}


def _of_own(scene: Scene, i: int, addressed: frozenset[str], add: Add) -> None:
    m = scene.message
    if m.mentions:
        if m.mentions & addressed:
            add(("own: to the same person", 1.0))
        elif addressed:
            add(("own: to another person", 1.0))
        else:
            add(("own: names, then did not", 1.0))
    elif addressed:
        add(("own: named somebody then", 1.0))
    if any(j < i for j in scene.told_by.values()):
        add(("own: was spoken to since", 1.0))
        if any(scene.told_by.get(sender, i) < i for sender in scene.told_to):
            add(("own: their partner spoke since", 1.0))


def _of_addressing(scene: Scene, i: int, addressed: frozenset[str], add: Add) -> None:
    m, c = scene.message, scene.recent[i]
    if m.mentions and c.sender not in m.mentions:
        add(("other: names somebody else", 1.0))
        if m.mentions & addressed:
            add(("other: both name the same", 1.0))
    elif m.opens_with_name and not m.mentions:
        add(("other: addresses somebody unseen", 1.0))
    if addressed and m.sender not in addressed:
        add(("other: was said to a third", 1.0))
    if not addressed:
        add(("other: was said to all", 1.0))
        if _is_open(scene, i):
            add(("other: unanswered question", 1.0))


def _is_open(scene: Scene, i: int) -> bool:
    """A question whose author wrote nothing since and whom nobody addressed since."""
    c = scene.recent[i]
    return c.question and scene.rank[i] == 0 and c.sender not in scene.answered


def _of_history(scene: Scene, i: int, add: Add) -> None:
    sender = scene.recent[i].sender
    if sender in scene.told_to:
        add(("other: I spoke to them", 1.0))
        if scene.told_to[sender] < i:
            add(("other: I answered since", 1.0))
        if sender == next(iter(scene.told_to)):
            add(("other: whom I spoke to last", 1.0))
    elif scene.answered.get(sender, i) < i:
        add(("other: answered by others since", 1.0))
    if sender in scene.told_by:
        add(("other: they spoke to me", 1.0))
        if sender == next(iter(scene.told_by)):
            add(("other: who spoke to me last", 1.0))
    if scene.own is not None and scene.own < i:
        add(("other: I wrote since", 1.0))


def _of_roles(scene: Scene, i: int, add: Add) -> None:
    """Who serves whom; silent in a chat without staff, but for the hours."""
    m, c = scene.message, scene.recent[i]
    gap = m.at - c.at
    if c.sender == m.sender:
        if gap > HOUR:
            add(("own: hours since", _hours(gap)))
        if m.is_staff and gap > IN_A_ROW:
            add(("staff: own, but not in a row", 1.0))
        return
    if scene.calm and not m.is_staff:
        _of_calm(scene, i, add)
    if gap > HOUR:
        add((("staff: hours since" if m.is_staff else "client: hours since"), _hours(gap)))
    if m.is_staff:
        add((("staff: after staff" if c.is_staff else "staff: answers a client"), 1.0))
        if not c.is_staff and _is_open(scene, i):
            add(("staff: unanswered question", 1.0))
    elif c.is_staff:
        add(("client: after staff", 1.0))
    elif scene.has_staff:
        add(("client: after another client", 1.0))


IN_A_ROW = 180.0
"""Seconds within which lines of one person belong together; staff who write later turn to the next client."""


def _of_calm(scene: Scene, i: int, add: Add) -> None:
    """In a calm chat people do not name each other: what stands near belongs together."""
    m, c = scene.message, scene.recent[i]
    if not m.question and not m.reaction and _is_open(scene, i):
        add(("calm: tells after an open question", 1.0))
    if scene.rank[i] == 0 and scene.turn[i] == 1:
        add(("calm: next turn", 1.0))
    if scene.own is not None and scene.own > i and _talked_last(scene, i):
        add(("calm: answers who spoke after me", 1.0))
    if c.is_staff and m.thanks:
        add(("client: thanks staff", 1.0))


def _talked_last(scene: Scene, i: int) -> bool:
    """The first to speak after my own last turn: likely to me."""
    return scene.own == i + 1
