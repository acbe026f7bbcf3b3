"""*Evals*."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

# --- runs

RUNS: Final[Phrase] = {"ru": "Прогоны", "en": "Runs"}
NO_RUNS: Final[Phrase] = {
    "ru": "Прогонов ещё не было. Начните: `otklik evals run --dataset samples`, или примите кандидатов ниже.",
    "en": "There are no runs yet. Begin with `otklik evals run --dataset samples`, or accept candidates below.",
}
LABEL: Final[Phrase] = {"ru": "Прогон", "en": "Run"}
STARTED: Final[Phrase] = {"ru": "Начат", "en": "Started"}
CASES: Final[Phrase] = {"ru": "Вопросов", "en": "Cases"}
RIGHT: Final[Phrase] = {"ru": "Верно, %", "en": "Right, %"}
COST: Final[Phrase] = {"ru": "Цена", "en": "Cost"}
MODEL: Final[Phrase] = {"ru": "Модель", "en": "Model"}
DATASETS: Final[Phrase] = {"ru": "Наборы", "en": "Datasets"}
FINISHED: Final[Phrase] = {"ru": "Закончен", "en": "Finished"}
QUOTED: Final[Phrase] = {"ru": "без модели", "en": "without a model"}

# --- figures

LATEST_RIGHT: Final[Phrase] = {"ru": "Верно в последнем", "en": "Right in the latest"}
CANDIDATES_WAIT: Final[Phrase] = {"ru": "Кандидатов ждёт", "en": "Candidates to decide"}
ACCEPTED: Final[Phrase] = {"ru": "Принято вопросов", "en": "Accepted cases"}
EXPERIMENT: Final[Phrase] = {"ru": "Эксперимент", "en": "Experiment"}
NONE_RUNS: Final[Phrase] = {"ru": "нет", "en": "none"}

# --- comparison

COMPARE: Final[Phrase] = {"ru": "Сравнение двух прогонов", "en": "Two runs compared"}
BASE: Final[Phrase] = {"ru": "Было", "en": "Base"}
CANDIDATE: Final[Phrase] = {"ru": "Стало", "en": "Candidate"}
CHOOSE_OTHERS: Final[Phrase] = {
    "ru": "Выберите два разных законченных прогона.",
    "en": "Choose two different finished runs.",
}
OTHER_CASES: Final[Phrase] = {
    "ru": "Эти прогоны отвечали на разные вопросы: сравнивать их цифры нельзя.",
    "en": "These runs answered different cases: their figures say nothing about each other.",
}
OPEN: Final[Phrase] = {
    "ru": "Ворота открыты: ни по одной мере не стало хуже сильнее случайности.",
    "en": "The gate is open: in no measure is it worse by more than chance.",
}
SHUT: Final[Phrase] = {"ru": "Ворота закрыты: стало хуже.", "en": "The gate is shut: it is worse."}
WORSE: Final[Phrase] = {
    "ru": "{measure}: {base} → {candidate} на {cases} вопросах (p = {p})",
    "en": "{measure}: {base} → {candidate} over {cases} cases (p = {p})",
}
OUTSIDE: Final[Phrase] = {
    "ru": "Ссылается на то, чего спросивший видеть не может: вопросов — {count}.",
    "en": "It cites what its asker may not see, in {count} cases.",
}
MEASURES_TITLE: Final[Phrase] = {"ru": "Что решает", "en": "What decides"}
MEASURES_NOTE: Final[Phrase] = {
    "ru": "Серая точка — было, зелёная — стало. Каждый вопрос сравнивается сам с собой.",
    "en": "Grey is the base, green the candidate. Each case is compared with itself.",
}
MEASURE: Final[Phrase] = {"ru": "Мера", "en": "Measure"}
MEASURES: Final[Mapping[str, Phrase]] = {
    "right": {"ru": "Верный источник или верный отказ", "en": "Right source, or right refusal"},
    "found": {"ru": "Место верного источника", "en": "Rank of the right source"},
    "facts": {"ru": "Названо фактов", "en": "Facts named"},
    "grounded": {"ru": "Числа есть в источнике", "en": "Numbers are in the source"},
    "safe": {"ru": "Не сказано запретного", "en": "Says nothing forbidden"},
    "language": {"ru": "Язык вопроса", "en": "Language of the question"},
    "judged facts": {"ru": "Фактов, по мнению судьи", "en": "Facts, says the judge"},
    "faithful": {"ru": "Без выдумок, по мнению судьи", "en": "Nothing invented, says the judge"},
    "consistent": {"ru": "Без противоречий, по мнению судьи", "en": "No contradiction, says the judge"},
}
DIFFERENCE: Final[Phrase] = {"ru": "Разница", "en": "Difference"}
DIFFERING: Final[Phrase] = {"ru": "Изменилось", "en": "Differ"}
P_WORSE: Final[Phrase] = {"ru": "p (хуже)", "en": "p (worse)"}
P_HELP: Final[Phrase] = {
    "ru": "Как часто такая потеря вышла бы случайно, если ничего не изменилось.",
    "en": "How often so great a loss would be seen if nothing had changed.",
}
DETECTABLE: Final[Phrase] = {"ru": "Потеря видна от", "en": "A loss shows from"}
LOST: Final[Phrase] = {"ru": "Было верно, стало неверно", "en": "Right before, wrong now"}
WON: Final[Phrase] = {"ru": "Было неверно, стало верно", "en": "Wrong before, right now"}
NO_CHANGES: Final[Phrase] = {"ru": "Таких вопросов нет.", "en": "There are no such cases."}
REFUSED: Final[Phrase] = {"ru": "(«не знаю»)", "en": "(“I don't know”)"}
GONE: Final[Phrase] = {"ru": "(источник ответа удалён)", "en": "(the source of the answer was deleted)"}

# --- candidates

CANDIDATES: Final[Phrase] = {"ru": "Кандидаты в проверочные вопросы", "en": "Candidates for cases"}
CANDIDATES_NOTE: Final[Phrase] = {
    "ru": "Собраны из голосов, исправлений и ответов людей. Принятыми измеряются ответы.",
    "en": "Harvested from votes, corrections and what people answered. Accepted ones measure answers.",
}
NO_CANDIDATES: Final[Phrase] = {
    "ru": "Таких нет. Собрать новые: `otklik evals harvest`.",
    "en": "There are none. To look for new ones: `otklik evals harvest`.",
}
CASE_STATES: Final[Mapping[str, Phrase]] = {
    "candidate": {"ru": "Ждут решения", "en": "To decide"},
    "accepted": {"ru": "Приняты", "en": "Accepted"},
    "rejected": {"ru": "Отклонены", "en": "Rejected"},
}
ORIGINS: Final[Mapping[str, Phrase]] = {
    "liked": {"ru": "ответ понравился", "en": "the answer was liked"},
    "disliked": {"ru": "ответ не понравился", "en": "the answer was disliked"},
    "corrected": {"ru": "ответ исправлен", "en": "the answer was corrected"},
    "staff_reply": {"ru": "ответил человек", "en": "answered by a human"},
    "escalated": {"ru": "передан человеку", "en": "handed over"},
    "suggested": {"ru": "черновик отправлен", "en": "the draft was sent"},
}
BEFORE: Final[Phrase] = {"ru": "Перед этим спросили", "en": "Asked just before"}
REFERENCE: Final[Phrase] = {"ru": "Верный ответ", "en": "A right answer"}
MUST_REFUSE: Final[Phrase] = {"ru": "Верный ответ — «не знаю»", "en": "The right answer is “I don't know”"}
INCOMPLETE: Final[Phrase] = {
    "ru": "не хватает верного ответа: сначала измените",
    "en": "what is right is missing: edit it first",
}
FACTS: Final[Phrase] = {
    "ru": "Факты: по одному в строке, варианты через « | »",
    "en": "Facts: one a line, wordings between “ | ”",
}
MUST_NOT_SAY: Final[Phrase] = {
    "ru": "Чего говорить нельзя: по одному в строке",
    "en": "What must not be said: one a line",
}
QUESTION: Final[Phrase] = {"ru": "Вопрос", "en": "Question"}
ACCEPT: Final[Phrase] = {"ru": "Принять", "en": "Accept"}
EDIT: Final[Phrase] = {"ru": "Изменить", "en": "Edit"}
REJECT: Final[Phrase] = {"ru": "Отклонить", "en": "Reject"}
DECIDED: Final[Phrase] = {"ru": "{by}, {date}", "en": "{by}, {date}"}
DONE: Final[Mapping[str, Phrase]] = {
    "accept": {"ru": "Принято: следующий прогон спросит и это.", "en": "Accepted: the next run asks it too."},
    "reject": {"ru": "Отклонено.", "en": "Rejected."},
    "edit": {"ru": "Изменено: теперь вопрос можно принять.", "en": "Changed: it can be accepted now."},
}
MADE: Final[Phrase] = {"ru": "Собран", "en": "Harvested"}
ORIGIN: Final[Phrase] = {"ru": "Откуда", "en": "From"}
REMARK: Final[Phrase] = {"ru": "Замечание", "en": "Remark"}

# --- experiments

EXPERIMENTS: Final[Phrase] = {"ru": "Эксперименты", "en": "Experiments"}
NO_EXPERIMENTS: Final[Phrase] = {
    "ru": "Экспериментов не было. Начать: `otklik evals experiment start --prompt v2`.",
    "en": "There were no experiments. To begin one: `otklik evals experiment start --prompt v2`.",
}
EXPERIMENT_STATES: Final[Mapping[str, Phrase]] = {
    "running": {"ru": "идёт", "en": "running"},
    "adopted": {"ru": "новое лучше и отвечает всем", "en": "the candidate is better, and serves everybody"},
    "rejected": {"ru": "новое хуже, выключено", "en": "the candidate is worse, and is off"},
    "undecided": {"ru": "разницы не найдено", "en": "no difference was found"},
    "stopped": {"ru": "остановлен человеком", "en": "stopped by hand"},
}
EXPERIMENT_SHORT: Final[Mapping[str, Phrase]] = {
    "running": {"ru": "идёт", "en": "running"},
    "adopted": {"ru": "принят", "en": "adopted"},
}
ARM: Final[Phrase] = {"ru": "Ветвь", "en": "Arm"}
ARMS: Final[Mapping[str, Phrase]] = {
    "control": {"ru": "как было", "en": "control"},
    "candidate": {"ru": "новое", "en": "candidate"},
}
PROMPT: Final[Phrase] = {"ru": "Промпт", "en": "Prompt"}
PEOPLE: Final[Phrase] = {"ru": "Людей", "en": "People"}
VOTERS: Final[Phrase] = {"ru": "Голосовали", "en": "Voted"}
LIKED: Final[Phrase] = {"ru": "Нравится, %", "en": "Liked, %"}
REFUSALS: Final[Phrase] = {"ru": "Отказов, %", "en": "Refused, %"}
EACH: Final[Phrase] = {"ru": "Ответ стоит", "en": "An answer costs"}
EVIDENCE: Final[Phrase] = {
    "ru": "Свидетельств из {enough}: лучше — {better}, хуже — {worse}.",
    "en": "Evidence of {enough}: better {better}, worse {worse}.",
}
