"""The words that the rules go by, in Russian and English. What support chats write, collected on the sample chats."""

from core.domain.text import fold, stem


def _forms(*groups: str) -> frozenset[str]:
    return frozenset(word for group in groups for word in fold(group).split())


def _stems(*groups: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _forms(*groups))


# --- what a message wants

WISHES = _forms("хочу хотим хотелось нужен нужна нужно нужны надо", "need want would wish")
"""Something is to be made or done."""

# --- how it sounds

GOOD = _stems(
    "спасибо благодарю рахмат супер отлично отличный классный здорово прекрасно замечательно удобно удобный нравится рад"
    " рада молодцы люблю восторг идеально шикарно огонь красота приятно",
    "thank awesome perfect love nice cool amazing wonderful happy glad brilliant fantastic appreciate legend",
)
GOOD_FORMS = _forms(
    "спс круто классно выручили спасли помогло заработало получилось сошлось ура вау наконец-то фух",
    "thanks thx ty ta cheers gracias merci great excellent solved sorted finally yay",
)
"""Whose other forms say something else: "получить", "крутить", "sort by price", "Excel"."""
BAD = _stems(
    "ужас ужасно ужасный кошмар бред позор отвратительно плохо плохой безобразие надоело бесит злюсь издевательство"
    " задолбало катастрофа разочарован разочарована теряем убытки штраф жалоба обман вранье врет грустно дурак срочно"
    " срочный",
    "terrible awful horrible bad hate angry annoying annoyed useless ridiculous unacceptable disappointed disappointing"
    " frustrated frustrating nightmare complaint scam sucks urgent urgently",
)
BAD_FORMS = _forms("достали достало хуже жаль зол зла", "asap worse worst")
WISHING = _forms("бы", "would could")
"""Before or behind a good word they take it back: "would be so nice", "было бы удобно"."""

# --- what it is about

SAYING_NOTHING = _forms(
    "день утро вечер ночь неделя месяц год час полчаса минута секунда раз время дело вопрос проблема помощь ответ девочка"
    " девушка народ коллега человек люди друг чета тема слово вид сторона часть половина место штука тысяча начало норма"
    " прикол хелп обед рука глаз имя число клиент клиентка покупатель кнопка"
)
"""Nouns of any talk, in their dictionary form."""
SAYING_NOTHING_STEMS = _stems(
    "say says said add adds added turn come came look work need want try tried send sent show open close start stop change"
    " make made keep find found put take give tell ask help pay paid sell sold buy bought use used went gets goes going"
    " lost run feed land love forget old new good bad nice big small same last first next half whole every still back"
    " again later today yesterday tomorrow anyone someone everybody nobody nothing none something anything everything"
    " thing way time day week month year night morning hour minute friday weekend people guys mate please pls hello hola"
    " thanks since without also maybe really possible able question urgent wont cant doesnt isnt isn never ever always"
    " already mine yours another many much long lot left right once twice two second per top regular tiny"
)
"""English words that name no thing; nobody here knows which of the others are nouns."""
