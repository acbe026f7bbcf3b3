"""What the cards in the staff chat say."""

from collections.abc import Mapping
from typing import Final

from assistant.texts.phrases import Phrase
from core.domain.access import Role

# --- hand-overs

ASKED: Final[Phrase] = {"ru": "🙋 Просят человека", "en": "🙋 Somebody asks for a human"}
DOWNVOTED: Final[Phrase] = {"ru": "👎 Ответ бота не подошёл", "en": "👎 The bot's answer was voted down"}
ROLES: Final[Mapping[Role, Phrase]] = {
    Role.ADMIN: {"ru": "администратор", "en": "an administrator"},
    Role.AGENT: {"ru": "сотрудник", "en": "an agent"},
    Role.CLIENT: {"ru": "клиент", "en": "a client"},
}
IN_PRIVATE: Final[Phrase] = {"ru": "в личном чате", "en": "in a private chat"}
IN_GROUP: Final[Phrase] = {"ru": "в группе", "en": "in a group"}
BOT_SAID: Final[Phrase] = {"ru": "Бот ответил:", "en": "The bot answered:"}
BOT_REFUSED: Final[Phrase] = {"ru": "Бот не нашёл ответа.", "en": "The bot found no answer."}
NEAREST: Final[Phrase] = {"ru": "Ближайшее из переписки:", "en": "Nearest in the history:"}
REPLY_HERE: Final[Phrase] = {
    "ru": "Ответьте на это сообщение: ваш ответ получит тот, кто спросил.",
    "en": "Reply to this message: your answer goes to the person who asked.",
}
CORRECTION: Final[Phrase] = {"ru": "Как правильно:", "en": "What is right:"}
STAFF_SAID: Final[Phrase] = {"ru": "✅ Поддержка ответила:", "en": "✅ Support answered:"}
IS_PUBLIC: Final[Phrase] = {
    "ru": "Ответ виден клиентам всех чатов.",
    "en": "Clients of every chat can find this answer.",
}
PUBLISH: Final[Phrase] = {"ru": "Показывать во всех чатах", "en": "Use in every chat"}
HIDE: Final[Phrase] = {"ru": "Только в этом чате", "en": "In this chat only"}
QUESTION_GONE: Final[Phrase] = {"ru": "Этот вопрос удалён.", "en": "This question was deleted."}

# --- what staff said, to the asker

STAFF_REPLY: Final[Phrase] = {"ru": "Ответ поддержки:", "en": "Support answers:"}

# --- suggestions

WAITS: Final[Phrase] = {"ru": "💬 Клиент ждёт ответа", "en": "💬 A client waits for an answer"}
WAITED: Final[Phrase] = {"ru": "💬 Клиент ждал ответа", "en": "💬 A client waited for an answer"}
URGENT: Final[Phrase] = {"ru": "🔥 Срочно: клиент ждёт ответа", "en": "🔥 Urgent: a client waits for an answer"}
MESSAGE: Final[Phrase] = {"ru": "сообщение", "en": "the message"}
DRAFT: Final[Phrase] = {"ru": "Черновик:", "en": "Draft:"}
NO_DRAFT: Final[Phrase] = {
    "ru": "В переписке ответа нет. Ответьте на это сообщение: ваш ответ получит клиент.",
    "en": "The history has no answer. Reply to this message: your answer goes to the client.",
}
SEND: Final[Phrase] = {"ru": "Отправить", "en": "Send"}
EDIT: Final[Phrase] = {"ru": "Изменить", "en": "Edit"}
DISMISS: Final[Phrase] = {"ru": "Не нужно", "en": "Dismiss"}
SNOOZE: Final[Phrase] = {"ru": "Через час", "en": "In an hour"}
HOW_TO_EDIT: Final[Phrase] = {
    "ru": "Ответьте на карточку своим текстом: он и уйдёт клиенту.",
    "en": "Reply to the card with your text: that is what the client gets.",
}
SENT: Final[Phrase] = {"ru": "✅ Отправлено клиенту:", "en": "✅ Sent to the client:"}
DISMISSED: Final[Phrase] = {"ru": "✖️ Не нужно.", "en": "✖️ Dismissed."}
SNOOZED: Final[Phrase] = {"ru": "⏰ Отложено на час.", "en": "⏰ Snoozed for an hour."}
WITHDRAWN: Final[Phrase] = {
    "ru": "Клиент больше не ждёт: сообщение удалено, или на него уже ответили.",
    "en": "Nobody waits any more: the message was deleted, or it was answered.",
}
MOVED: Final[Phrase] = {"ru": "⏰ Час прошёл, карточка ниже.", "en": "⏰ The hour is over; see the card below."}
DECIDED: Final[Phrase] = {"ru": "По этой карточке уже решили.", "en": "This card has been decided already."}
CARD_GONE: Final[Phrase] = {"ru": "Этой карточки больше нет.", "en": "This card is gone."}
DELIVERED: Final[Phrase] = {
    "ru": "Спросивший уже получил прежний ответ; новый запомнен для следующих вопросов.",
    "en": "The earlier answer has already been delivered; the new one is kept for the next questions.",
}

# --- answers that are taken back

SOURCE_GONE: Final[Phrase] = {
    "ru": "Этот ответ опирался на сообщение, которое удалили.",
    "en": "This answer rested on a message that was deleted.",
}
