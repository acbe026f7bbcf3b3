"""Everything that a report says in so many words, in the two languages of its readers."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from analytics.trends import Trend
from core.domain.counting import Forms
from core.domain.language import Language

Phrase: TypeAlias = Mapping[Language, str]
Counted: TypeAlias = Mapping[Language, Forms]

# --- what is counted

MESSAGES: Final[Counted] = {"ru": ("сообщение", "сообщения", "сообщений"), "en": ("message", "messages")}
QUESTIONS: Final[Counted] = {"ru": ("вопрос", "вопроса", "вопросов"), "en": ("question", "questions")}
OF_QUESTIONS: Final[Counted] = {"ru": ("вопроса", "вопросов", "вопросов"), "en": ("question", "questions")}
REQUESTS: Final[Counted] = {"ru": ("обращение", "обращения", "обращений"), "en": ("request", "requests")}
CHATS: Final[Counted] = {"ru": ("чат", "чата", "чатов"), "en": ("chat", "chats")}
WAITS: Final[Counted] = {"ru": ("Ждёт", "Ждут", "Ждут"), "en": ("waits", "wait")}
LEFT: Final[Counted] = {"ru": ("остался", "осталось", "осталось"), "en": ("was left", "were left")}

# --- the first page

TITLE: Final[Phrase] = {"ru": "Отчёт поддержки", "en": "Support report"}
EVERY_CHAT: Final[Phrase] = {"ru": "все чаты ({count})", "en": "all chats ({count})"}
MORE_CHATS: Final[Phrase] = {"ru": "ещё {chats}", "en": "another {chats}"}
MADE_AT: Final[Phrase] = {"ru": "составлен {moment}, время {zone}", "en": "made on {moment}, {zone} time"}
SUMMARY: Final[Phrase] = {"ru": "Главное", "en": "In short"}

VOLUME: Final[Phrase] = {
    "ru": "Пришло {messages}{change}; клиенты задали {asked}{asked_change}.",
    "en": "{messages} came in{change}; clients asked {asked}{asked_change}.",
}
NOTHING_BEFORE: Final[Phrase] = {
    "ru": "Сравнить не с чем: переписка есть только с {day}.",
    "en": "There is nothing to compare it with: the history begins on {day}.",
}
SILENCE: Final[Phrase] = {"ru": "Никто не писал{before}.", "en": "Nobody wrote{before}."}
SILENCE_BEFORE: Final[Phrase] = {"ru": "; {than} было {messages}", "en": "; {than} it was {messages}"}

RESPONSES: Final[Phrase] = {
    "ru": "Половина ответов пришла за {p50}, девять из десяти\u00a0— за {p90}{before}.",
    "en": "Half of the answers came within {p50}, nine in ten within {p90}{before}.",
}
RESPONSES_BEFORE: Final[Phrase] = {"ru": " ({than}\u00a0— за {p50} и {p90})", "en": " ({than}: {p50} and {p90})"}
ONE_RESPONSE: Final[Phrase] = {
    "ru": "Единственный ответ пришёл за {p50}.",
    "en": "The only answer came within {p50}.",
}
NO_RESPONSE: Final[Phrase] = {
    "ru": "Ни на один вопрос ещё не ответили (задано: {asked}).",
    "en": "None of the questions has been answered yet (asked: {asked}).",
}
UNANSWERED: Final[Phrase] = {"ru": "Без ответа {left} {questions}.", "en": "{questions} {left} without an answer."}
RESOLVED: Final[Phrase] = {
    "ru": "По оценке анализа решено {share} вопросов ({resolved} из {judged}{before}).",
    "en": "By the analysis {share} of the questions are resolved ({resolved} of {judged}{before}).",
}
RESOLVED_BEFORE: Final[Phrase] = {"ru": "; было {share}", "en": "; it was {share}"}

WAITING: Final[Phrase] = {
    "ru": "{waits} ответа {requests}, дольше всех: {longest}.",
    "en": "{requests} {waits} for an answer, longest of all: {longest}.",
}
ONE_WAITS: Final[Phrase] = {
    "ru": "{waits} ответа {requests}: {longest}.",
    "en": "{requests} {waits} for an answer: {longest}.",
}
NOBODY_WAITS: Final[Phrase] = {"ru": "Никто не ждёт ответа.", "en": "Nobody waits for an answer."}

NEW: Final[Phrase] = {"ru": "Новое: {topics}.", "en": "New: {topics}."}
RISING: Final[Phrase] = {"ru": "Пишут чаще: {topics}.", "en": "More often than before: {topics}."}
MOST: Final[Phrase] = {
    "ru": "Больше всего писали про {topics}.",
    "en": "Most was written about {topics}.",
}
NO_TREND: Final[Phrase] = {"ru": "Новых и растущих тем нет.", "en": "No topic is new or rising."}
TOPIC_BEFORE: Final[Phrase] = {"ru": ", было {former}", "en": ", it was {former}"}

COST: Final[Phrase] = {"ru": "ИИ обошёлся в {dollars}{before}{saved}.", "en": "The AI cost {dollars}{before}{saved}."}
COST_BEFORE: Final[Phrase] = {"ru": " ({than}\u00a0— {former})", "en": " ({than}: {former})"}
SAVED: Final[Phrase] = {"ru": "; пакеты и кэш сберегли {dollars}", "en": "; batches and the cache saved {dollars}"}
ANSWERED: Final[Phrase] = {
    "ru": "Ассистент ответил на {answered} из {asked}.",
    "en": "The assistant answered {answered} of {asked}.",
}

# --- the message that brings the report

HALF_WITHIN: Final[Phrase] = {"ru": "половина ответов за {p50}", "en": "half of the answers within {p50}"}
STILL_WAITING: Final[Phrase] = {"ru": "ждут ответа: {count}", "en": "waiting for an answer: {count}"}

# --- what changed

CHANGES: Final[Phrase] = {"ru": "Что изменилось", "en": "What has changed"}
IN_FIGURES: Final[Phrase] = {"ru": "В цифрах", "en": "In figures"}
FIGURE: Final[Phrase] = {"ru": "Показатель", "en": "Figure"}
NOW: Final[Phrase] = {"ru": "Сейчас", "en": "Now"}
BEFORE: Final[Phrase] = {"ru": "Раньше", "en": "Before"}
CHANGE: Final[Phrase] = {"ru": "Изменение", "en": "Change"}
FIGURES: Final[Mapping[str, Phrase]] = {
    "messages": {"ru": "Сообщения", "en": "Messages"},
    "staff_messages": {"ru": "\u2003из них от команды", "en": "\u2003of these, the team's"},
    "urgent": {"ru": "Срочные сообщения клиентов", "en": "Urgent messages of clients"},
    "asked": {"ru": "Вопросы клиентов", "en": "Questions of clients"},
    "unanswered": {"ru": "\u2003из них без ответа", "en": "\u2003of these, unanswered"},
    "p50": {"ru": "Половина ответов за", "en": "Half of the answers within"},
    "p90": {"ru": "Девять из десяти ответов за", "en": "Nine in ten answers within"},
    "resolved": {"ru": "Решено вопросов", "en": "Questions resolved"},
    "questions": {"ru": "Вопросы ассистенту", "en": "Questions to the assistant"},
    "refused": {"ru": "\u2003из них он не знал ответа", "en": "\u2003of these, it did not know"},
    "handed_over": {"ru": "\u2003из них передано человеку", "en": "\u2003of these, handed to a human"},
    "dollars": {"ru": "Стоимость ИИ", "en": "Cost of the AI"},
}
NONE: Final = "—"
SAME: Final[Phrase] = {"ru": "столько же", "en": "the same"}
MORE: Final[Phrase] = {"ru": "на {much} больше", "en": "{much} more"}
LESS: Final[Phrase] = {"ru": "на {much} меньше", "en": "{much} less"}
FASTER: Final[Phrase] = {"ru": "на {much} быстрее", "en": "{much} faster"}
SLOWER: Final[Phrase] = {"ru": "на {much} дольше", "en": "{much} slower"}
POINTS: Final[Phrase] = {"ru": "{points} п. п.", "en": "{points} points"}

# --- who waits

WHO_WAITS: Final[Phrase] = {"ru": "Кто ждёт ответа", "en": "Who waits for an answer"}
WAITS_FOR: Final[Phrase] = {"ru": "Ждёт", "en": "Waits"}
CHAT: Final[Phrase] = {"ru": "Чат", "en": "Chat"}
ABOUT: Final[Phrase] = {"ru": "О чём", "en": "About"}
OPEN: Final[Phrase] = {"ru": "открыть", "en": "open"}
URGENT: Final[Phrase] = {"ru": "Срочно. ", "en": "Urgent. "}
AND_MORE: Final[Phrase] = {"ru": "и ещё {requests}", "en": "and another {requests}"}
WAITING_AT: Final[Phrase] = {
    "ru": "На {moment}, из спросивших за последние {days}; сначала те, кто ждёт дольше.",
    "en": "On {moment}, of those who asked in the last {days}; who waits longest comes first.",
}

# --- response times

RESPONSE_TIMES: Final[Phrase] = {"ru": "Как быстро отвечаем", "en": "How soon we answer"}
BY_HOUR: Final[Phrase] = {
    "ru": "Время до первого ответа по часам, когда спросили",
    "en": "Time to the first answer by the hour of the question",
}
MEDIAN: Final[Phrase] = {"ru": "половина ответов", "en": "half of the answers"}
NINETIETH: Final[Phrase] = {"ru": "девять из десяти", "en": "nine in ten"}
HALF: Final[Phrase] = {"ru": "Половина за", "en": "Half within"}
NINE: Final[Phrase] = {"ru": "90 % за", "en": "90% within"}
RESPONSES_ALT: Final[Phrase] = {
    "ru": "{title}: дольше всего ждут те, кто спросил в {hour} ч, половина из них — {took}.",
    "en": "{title}: those who asked at {hour}:00 wait longest, half of them {took}.",
}
QUESTIONS_TITLE: Final[Phrase] = {"ru": "Вопросы", "en": "Questions"}
RESOLVED_TITLE: Final[Phrase] = {"ru": "Решено", "en": "Resolved"}
UNANSWERED_TITLE: Final[Phrase] = {"ru": "Без ответа", "en": "Unanswered"}
MESSAGES_TITLE: Final[Phrase] = {"ru": "Сообщения", "en": "Messages"}

# --- volume

BY_STEP: Final[Mapping[str, Phrase]] = {
    "hour": {"ru": "Сообщения по часам", "en": "Messages by hour"},
    "day": {"ru": "Сообщения по дням", "en": "Messages by day"},
    "week": {"ru": "Сообщения по неделям", "en": "Messages by week"},
    "month": {"ru": "Сообщения по месяцам", "en": "Messages by month"},
}
CLIENTS: Final[Phrase] = {"ru": "клиенты", "en": "clients"}
TEAM: Final[Phrase] = {"ru": "команда", "en": "the team"}
PERIOD_BEFORE: Final[Phrase] = {"ru": "всего в прошлом периоде", "en": "all in the period before"}

VOLUME_ALT: Final[Phrase] = {
    "ru": "{title}, {span}: всего {all}, больше всего {tick}: {most}.",
    "en": "{title}, {span}: {all} in all, most: {tick}, {most}.",
}

# --- topics

TOPICS: Final[Phrase] = {"ru": "О чём пишут", "en": "What people write about"}
BY_TOPIC: Final[Phrase] = {"ru": "Сообщения по темам", "en": "Messages by topic"}
TOPICS_ALT: Final[Phrase] = {
    "ru": "{title}: больше всего про {topic}, {messages}.",
    "en": "{title}: most are about {topic}, {messages}.",
}
TOPIC: Final[Phrase] = {"ru": "Тема", "en": "Topic"}
THIS_PERIOD: Final[Phrase] = {"ru": "сейчас", "en": "now"}
FORMER_PERIOD: Final[Phrase] = {"ru": "раньше", "en": "before"}
TREND: Final[Phrase] = {"ru": "Тренд", "en": "Trend"}
TRENDS: Final[Mapping[Trend, Phrase]] = {
    Trend.NEW: {"ru": "новая", "en": "new"},
    Trend.RISING: {"ru": "растёт", "en": "rising"},
    Trend.FALLING: {"ru": "спадает", "en": "falling"},
    Trend.STEADY: {"ru": "ровно", "en": "steady"},
}
MOOD: Final[Phrase] = {"ru": "Тон", "en": "Mood"}
MOODS: Final[Mapping[str, Phrase]] = {
    "angry": {"ru": "недовольны", "en": "annoyed"},
    "calm": {"ru": "спокойно", "en": "calm"},
    "glad": {"ru": "довольны", "en": "pleased"},
}

# --- the assistant

ASSISTANT: Final[Phrase] = {"ru": "Ассистент", "en": "The assistant"}
ASKED_OF_IT: Final[Phrase] = {"ru": "Ему задали {asked}: {became}.", "en": "It was asked {asked}: it {became}."}
BECAME: Final[Mapping[str, Phrase]] = {
    "answered": {"ru": "ответил на {count}", "en": "answered {count}"},
    "refused": {"ru": "не знал ответа на {count}", "en": "did not know {count}"},
    "handed_over": {"ru": "передал человеку {count}", "en": "handed {count} to a human"},
}
VOTED: Final[Phrase] = {
    "ru": "Оценки его ответов: за\u00a0—\u00a0{up}, против\u00a0—\u00a0{down}.",
    "en": "Votes on its answers: {up}\u00a0up, {down}\u00a0down.",
}
GAPS: Final[Phrase] = {"ru": "Чего не нашлось в истории чатов", "en": "What the history of the chats does not answer"}
TIMES: Final[Phrase] = {"ru": "Спросили", "en": "Asked"}
LAST_TIME: Final[Phrase] = {"ru": "Последний раз", "en": "Last time"}

# --- cost

COSTS: Final[Phrase] = {"ru": "Сколько стоил ИИ", "en": "What the AI cost"}
COST_BY_STEP: Final[Mapping[str, Phrase]] = {
    "day": {"ru": "Расходы по дням, $", "en": "Cost by day, $"},
    "week": {"ru": "Расходы по неделям, $", "en": "Cost by week, $"},
    "month": {"ru": "Расходы по месяцам, $", "en": "Cost by month, $"},
}
COSTS_ALT: Final[Phrase] = {
    "ru": "{title}: всего {all}, больше всего {tick}.",
    "en": "{title}: {all} in all, most: {tick}.",
}
PURPOSES: Final[Mapping[str, Phrase]] = {
    "answering": {"ru": "ответы и черновики", "en": "answers and drafts"},
    "reading": {"ru": "чтение переписки", "en": "reading the chats"},
    "checking": {"ru": "проверка качества", "en": "checking quality"},
}
PURPOSE: Final[Phrase] = {"ru": "На что", "en": "For what"}
ALL: Final[Phrase] = {"ru": "Всего", "en": "All"}
EACH_MESSAGE: Final[Phrase] = {
    "ru": "Прочесть одно сообщение стоило {dollars}.",
    "en": "To read a message cost {dollars}.",
}
EACH_ANSWER: Final[Phrase] = {"ru": "Один ответ стоил {dollars}.", "en": "An answer cost {dollars}."}
MONTH: Final[Phrase] = {
    "ru": "За этот месяц потрачено {spent}, к концу ожидается {expected} из {budget}",
    "en": "This month {spent} is spent; {expected} of {budget} is expected by its end",
}
REACHED: Final[Phrase] = {"ru": "; бюджета хватит до {day}.", "en": "; the budget lasts until {day}."}

# --- how to read it

NOTES: Final[Phrase] = {"ru": "Как это посчитано", "en": "How this is counted"}
NOTE: Final[Phrase] = {
    "ru": "Время ответа — от первого вопроса клиента в беседе до первых слов команды; считаются только вопросы, на которые "
    "ответили. Решено или нет, решает анализ переписки, и обо всём судить не может. Новая тема — та, о которой раньше не "
    "писали; растущая — о которой пишут в полтора раза чаще, и это больше случайных колебаний. Имена, телефоны и другие "
    "личные данные скрыты. Ссылки открываются у тех, кто состоит в чате.",
    "en": "The time to an answer runs from a client's first question in a conversation to the team's first words; only "
    "answered questions count. Whether a question is resolved is told by the analysis of the chats, which cannot tell of all. "
    "A topic is new when nobody wrote about it before, and rising when half as many messages again are about it, more than "
    "chance would bring. Names, phones and other personal data are hidden. Links open for members of the chat.",
}
PAGE: Final[Phrase] = {"ru": "стр. {page} из {pages}", "en": "page {page} of {pages}"}
