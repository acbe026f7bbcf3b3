"""What Telegram itself marked in the text."""

from collections.abc import Iterable, Mapping

import phonenumbers

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.recognisers.contacts import is_bot
from core.privacy.recognisers.numbers import ORDER_WORDS, UNIT_AFTER, digits_of, ean13, luhn
from core.privacy.recognisers.phones import is_russian_mobile
from core.privacy.types import PiiType, TextEntity

_TYPES: Mapping[str, PiiType] = {
    "phone": PiiType.PHONE,
    "phone_number": PiiType.PHONE,
    "email": PiiType.EMAIL,
    "mention": PiiType.USERNAME,
    "mention_name": PiiType.PERSON,
    "text_mention": PiiType.PERSON,
    "bank_card": PiiType.CARD,
}


class Entities:
    """Telegram's entities. It marks any long number as a phone or a card, so those two are looked at again."""

    name = "telegram"

    def find(self, context: Context) -> Iterable[Found]:
        for entity in context.entities:
            found = _TYPES.get(entity.kind)
            if found is not None and entity.start < entity.end and _is_personal(entity, found, context):
                yield Found(entity.start, entity.end, found, Rank.CHECKED)


def _is_personal(entity: TextEntity, found: PiiType, context: Context) -> bool:
    written = context.text[entity.start : entity.end]
    if found is PiiType.USERNAME:
        return not is_bot(written)
    if found is PiiType.CARD:
        return luhn(digits_of(written))
    if found is PiiType.PHONE:
        return _is_phone(written, context.before(entity.start, 48), context.text, entity.end)
    return True


def _is_phone(written: str, before: str, text: str, end: int) -> bool:
    digits = digits_of(written)
    if written.startswith("+"):
        return len(digits) >= 7
    if is_russian_mobile(digits):
        return True
    if ORDER_WORDS.search(before) or UNIT_AFTER.match(text, end) or ean13(digits) or len(digits) < 7:
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(digits, "RU"))
    except phonenumbers.NumberParseException:
        return False
