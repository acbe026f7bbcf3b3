"""E-mail addresses, Telegram names and links to people."""

from collections.abc import Iterable

import regex

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.types import PiiType

_EMAIL = regex.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}(?:@|[ ]@[ ]?|[ ]?(?:\(at\)|\[at\]|\(a\)|\(собака\)|\[собака\])[ ]?)"
    r"(?:[\p{L}\d](?:[\p{L}\d-]{0,61}[\p{L}\d])?(?:\.|[ ]?(?:\(dot\)|\[dot\]|\(точка\)|\[точка\])[ ]?)){1,8}"
    r"\p{L}[\p{L}\d-]{1,23}(?![\p{L}\d@])",
    regex.IGNORECASE,
)
_SPOKEN_EMAIL = regex.compile(
    r"(?<![\w.+%-])(?:[\w+%-]{2,32}\s+(?:точка|dot)\s+){0,3}[\w.+%-]{2,64}\s+(?:соба(?:ка|чка)|at)\s+"
    r"[\p{L}\d-]{2,32}(?:\s+(?:точка|dot)\s+|\s*\.\s*|\s+)(?:ru|com|net|org|ру|ком|рф|by|kz|ua)(?![\p{L}\d])",
    regex.IGNORECASE,
)

_TYPED_EMAIL = regex.compile(
    r"(?<![\w.+%-])[\w.+%-]{2,64}[ ]?@[ ]?[\p{L}\d-]{2,40}[ ]?[.,][ ]?(?:ru|com|net|org|рф|by|kz|ua|su|info|io|me|"
    r"de|uk)(?![\p{L}\d])",
    regex.IGNORECASE,
)
"""With a space or a comma where the dot should be."""

_USERNAME = regex.compile(r"(?<![\w@./+-])@([A-Za-z][A-Za-z0-9_]{3,31})(?![A-Za-z0-9_@])(?!\.[A-Za-z]{2})")
"""Telegram names have five characters at least; four are auctioned."""

_PROFILE = regex.compile(
    r"(?<![\w.-])(?:https?://)?(?:www\.)?(?:"
    r"(?:t\.me|telegram\.me|telegram\.dog)/(?:s/)?@?(?P<name>[A-Za-z][A-Za-z0-9_]{3,31})(?P<rest>/\d+)?"
    r"|(?P<tenant>[A-Za-z][A-Za-z0-9_]{3,31})\.t\.me"
    r"|(?:m\.)?vk\.(?:com|ru)/(?P<vk>id\d{1,12}|[A-Za-z][A-Za-z0-9_.]{2,31})"
    r"|(?:instagram|facebook|linkedin|tiktok|twitter|x|ok)\.(?:com|ru)/(?:in/|profile/|"
    r"people/)?@?(?P<social>[A-Za-z0-9_.-]{2,60})"
    r")(?![\w-])/?(?:\?[^\s<>\"'«»]{0,200})?",
    regex.IGNORECASE,
)
_CALLED = regex.compile(
    r"(?<!\p{L})(?:телеграм+\p{L}{0,2}|телег[аеиу]|тг|telegram|tg|instagram|insta|инст[аеыу]|инстаграм\p{L}{0,2}|"
    r"скайп\p{L}{0,2}|skype|discord|дискорд\p{L}{0,2}|ник(?:нейм)?|nick(?:name)?|username|handle)(?!\p{L})"
    r"(?:\s?:|\s?-)?(?:\s(?:в|на|is|my|мой|это|ник|телеге|тг|name|handle)){0,3}[\s:]{1,3}"
    r"(?P<value>@?(?=[\w.#]*[\d_])[A-Za-z][\w.]{4,31}(?:#\d{4})?|@[A-Za-z][\w.]{2,31})(?![\w@])"
    r"|(?<![\w:])(?P<value>live:[\w.]{3,40})",
    regex.IGNORECASE,
)
"""A name after the word for it, or before its network: `ник в телеге masha_88`. Plain words there are talk."""
_CALLED_BEFORE = regex.compile(
    r"(?<![\w@./-])(?P<value>(?=[A-Za-z\d.]*_)[A-Za-z][\w.]{4,31})\s(?:в|на|in|on)\s(?:телеге|тг|телеграме|telegram|"
    r"tg|инсте|insta)(?!\p{L})",
    regex.IGNORECASE,
)
_TG_SCHEME = regex.compile(r"tg://(?:user\?id=\d{1,20}|(?:resolve|openmessage)\?[^\s<>\"'«»]{1,200})", regex.IGNORECASE)
_PHONE_LINK = regex.compile(
    r"(?:https?://)?(?:t\.me/\+(?P<digits>\d{10,15})(?!\w)|wa\.me/\+?\d{10,15}|"
    r"api\.whatsapp\.com/send\?phone=\+?\d{10,15})"
    r"|tel:\+?[\d().-]{7,20}",
    regex.IGNORECASE,
)

_SHARED_NAMES = frozenset(
    [
        "joinchat",
        "addstickers",
        "addemoji",
        "addtheme",
        "addlist",
        "share",
        "proxy",
        "socks",
        "login",
        "confirmphone",
        "bg",
        "setlanguage",
        "iv",
        "boost",
        "invoice",
        "contact",
        "giftcode",
        "all",
        "everyone",
        "here",
        "channel",
        "support",
        "helpdesk",
        "admin",
        "admins",
    ]
)
"""What stands in the place of a name without being one."""
_COMMUNITY = regex.compile(
    r"^(?:groups?|club|public|event|wall|feed|topic|pages|watch|reel|p|share|explore|company|hashtag)", regex.I
)


def is_bot(username: str) -> bool:
    """Telegram obliges every bot's name to end in `bot`, and people are told bots by name: they are no personal data."""
    return username.lower().endswith("bot")


class Emails:
    """`ivan@example.com`, also with a space, `(at)` or "собака" in the place of the sign."""

    name = "email"

    def find(self, context: Context) -> Iterable[Found]:
        for pattern in (_EMAIL, _SPOKEN_EMAIL, _TYPED_EMAIL):
            for match in pattern.finditer(context.text):
                yield Found(match.start(), match.end(), PiiType.EMAIL, Rank.CHECKED)


class Usernames:
    """`@name`, `t.me/name` and profile links; not bots, not links to a message in a public channel."""

    name = "username"

    def find(self, context: Context) -> Iterable[Found]:
        for match in _USERNAME.finditer(context.text):
            if not is_bot(match[1]) and match[1].lower() not in _SHARED_NAMES:
                yield Found(match.start(), match.end(), PiiType.USERNAME, Rank.CHECKED)
        for match in _PROFILE.finditer(context.text):
            if _names_a_person(match):
                yield Found(match.start(), match.end(), PiiType.USERNAME, Rank.CHECKED)
        for pattern in (_CALLED, _CALLED_BEFORE):
            for match in pattern.finditer(context.text):
                if not is_bot(match["value"]):
                    yield Found(match.start("value"), match.end("value"), PiiType.USERNAME, Rank.CHECKED)
        for match in _TG_SCHEME.finditer(context.text):
            yield Found(match.start(), match.end(), PiiType.USERNAME, Rank.CHECKED)
        for match in _PHONE_LINK.finditer(context.text):
            yield Found(match.start(), match.end(), PiiType.PHONE, Rank.ENVELOPE)


def _names_a_person(match: regex.Match[str]) -> bool:
    telegram = match["name"] or match["tenant"]
    if telegram is not None:
        return not (is_bot(telegram) or telegram.lower() in _SHARED_NAMES or match["rest"])
    return not _COMMUNITY.match(match["vk"] or match["social"])
