import importlib
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import MaskingError
from core.privacy import masker, models
from core.privacy.masker import MAX_LENGTH, Masker
from core.privacy.participants import Participants
from core.privacy.recognisers import RECOGNISERS
from core.privacy.recognisers.base import Context, Found
from core.privacy.types import RawText, TextEntity

MASKER = Masker()


def mask(text: str, **options: object) -> str:
    return MASKER.mask(RawText(text), **options).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("мой номер 8 (916) 123-45-67", "мой номер [PHONE]"),
        ("+375 29 123 45 67 или 8 029 123-45-67", "[PHONE] или [PHONE]"),
        ("067 123 45 67", "[PHONE]"),
        ("пишите на ivan.petrov@mail.ru!", "пишите на [EMAIL]!"),
        ("карта 4111 1111 1111 1111", "карта [CARD]"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [IBAN] please"),
        ("с ip 192.168.1.1 и 2001:db8:85a3::8a2e:370:7334", "с ip [IP] и [IP]"),
        ("@ivan_petrov и t.me/ivan_petrov", "[USERNAME] и [USERNAME]"),
        ("паспорт 4509 123456", "паспорт [DOCUMENT]"),
        ("серия 4509 номер 123456", "серия [DOCUMENT]"),
        ("ИНН 500100732259, СНИЛС 112-233-445 95", "ИНН [DOCUMENT], СНИЛС [DOCUMENT]"),
        ("полис ОМС 1234 5678 9012 3456", "полис ОМС [DOCUMENT]"),
        ("ssn 536-90-4399, NI QQ 12 34 56 C, AB123456C", "ssn [DOCUMENT], NI QQ 12 34 56 C, [DOCUMENT]"),
        ("пароль: qwerty123", "пароль: [SECRET]"),
        ("password is hunter2.", "password is [SECRET]."),
        ("код из смс 482913", "код из смс [SECRET]"),
        ("Authorization: Bearer abcdef1234567890XYZ", "Authorization: Bearer [SECRET]"),
        ("bot 1234567890:AAE4fGhIjKlMnOpQrStUvWxYz0123456789", "bot [SECRET]"),
        ("https://user:pw@host.ru/x?y=1 открой", "[URL] открой"),
        ("https://shop.ru/reset?token=a8F3k29dLs02mXq71z", "[URL]"),
        ("ул. Ленина, д. 5, кв. 12", "[ADDRESS]"),
        ("221B Baker Street, London", "[ADDRESS], London"),
        ("Передай Ивановой Маше, что Пётр Иванович приехал", "Передай [PERSON], что [PERSON] приехал"),
        ("спросите у саши", "спросите у [PERSON]"),
        ("My name is John Smith", "My name is [PERSON]"),
    ],
)
def test_finds(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "заказ №123456789 на 1 500 000 руб",
        "версия 4.2.1.0, ошибка E-214, код ошибки 50301",
        "12.05.2024 в 10:30, 2024-05-12 10:30:05",
        "штрихкод 4006381333931",
        "https://example.com/help?lang=ru и www.example.com",
        "/start@polka_bot, пишите боту @polka_bot",
        "доставка в Москву и Казань",
        "пароль не подходит, password reset does not work",
        "промокод SALE2024, код товара 123456",
        "500 Internal Server Error, HTTP 404",
        "https://t.me/polka_news/123",
        "order 8841-2213 arrived on 3/14/2024, 2x faster",
        "вера в лучшее, любовь к деталям",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert mask(text) == text


def test_spans_tell_where_what_and_who() -> None:
    text = "почта a\u200bnn@mail.ru, да"
    (span,) = MASKER.mask(RawText(text)).spans
    assert (text[span.start : span.end], span.type, span.recogniser) == ("a\u200bnn@mail.ru", "EMAIL", "email")


def test_telegram_entities_are_believed_but_for_long_numbers() -> None:
    text = "Мастер Йода пишет, заказ 89161234567"
    entities = [TextEntity(0, 11, "mention_name"), TextEntity(25, 36, "phone")]
    assert mask(text, entities=entities) == "[PERSON] пишет, заказ [PHONE]"
    assert mask("заказ 1234567890", entities=[TextEntity(6, 16, "phone")]) == "заказ 1234567890"


def test_entities_outside_the_text_do_no_harm() -> None:
    assert (
        mask("да", entities=[TextEntity(-5, 1, "mention"), TextEntity(7, 9, "email"), TextEntity(1, 1, "phone")])
        == "[USERNAME]а"
    )


def test_an_oversized_text_is_refused_without_being_told() -> None:
    with pytest.raises(MaskingError, match="too long"):
        mask("секрет" * MAX_LENGTH)


def test_a_broken_layer_fails_closed_and_tells_nothing_of_the_text() -> None:
    class Broken:
        name = "broken"

        def find(self, context: Context) -> Iterable[Found]:
            raise ValueError(context.text)

    with pytest.raises(MaskingError) as caught:
        Masker([Broken()]).mask(RawText("тайна"))
    assert "тайна" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_cannot_be_stored_is_replaced() -> None:
    masked = mask("a\0b \ud83d c")
    assert masked == "a\ufffdb \ufffd c"
    masked.encode()


def test_masks_are_never_masked() -> None:
    text = "[PERSON] [PHONE] пароль: [SECRET] [EMAIL], ул. Ленина [ADDRESS]"
    assert mask(text) == text


def test_threads_share_one_masker() -> None:
    texts = [f"Мария Иванова, +7 916 123-45-{n:02d}, заказ {n}" for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(mask, texts)) == [f"[PERSON], [PHONE], заказ {n}" for n in range(40)]


def test_importing_loads_no_model() -> None:
    code = (
        "import sys, core.privacy.types; assert 'phonenumbers' not in sys.modules;"
        "import core.privacy.masker; assert not {'natasha', 'slovnet', 'pymorphy3', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_layer_has_its_own_name() -> None:
    recognisers = importlib.import_module("core.privacy.recognisers").RECOGNISERS
    assert len({recogniser.name for recogniser in recognisers}) == len(recognisers)


def test_a_participant_with_an_ordinary_name_does_not_destroy_the_chat() -> None:
    names = ["Поддержка", "Support", "Admin", "Леs", "Вера", "Магазин Полка", "Кот Бегемот"]
    people = Participants.of(map(RawText, names))
    text = "поддержка магазина молчит, support тоже, лес рубят; вера в лучшее, admin"
    assert mask(text, participants=people) == text
    assert mask("а Вера ответит?", participants=people) == "а [PERSON] ответит?"


def test_an_installation_says_what_is_nobodys_name() -> None:
    text = "Zorvik sleeps, ask Emma"
    assert mask(text) == "[PERSON] sleeps, ask [PERSON]"
    assert Masker(keep=["zorvik"]).mask(RawText(text)).text == "Zorvik sleeps, ask [PERSON]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("иванову петру петровичу отправили", "[PERSON] отправили"),
        ("петров и. с. не отвечает", "[PERSON] не отвечает"),
        ("пришлите Ковальчук Д.А. доверенность", "пришлите [PERSON] доверенность"),
        ("Серёж, ты где?", "[PERSON], ты где?"),
        ("меня гульчатай зовут", "меня [PERSON] зовут"),
        ("this is jennifer lopez-garcia speaking", "this is [PERSON] speaking"),
        ("Dear Mr. Thompson,", "Dear Mr. [PERSON],"),
        ("Best regards,\nKlaus Müller", "Best regards,\n[PERSON]"),
        ("hi, Ingrid B. Solberg here", "hi, [PERSON] here"),
        ("eto Nastya Volkova, privet", "eto [PERSON], privet"),
    ],
)
def test_names_as_chats_write_them(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "касса Эвотор 7.2, драйвер Атол 10.9",
        "Ozon, WB и Lamoda синхронизируются",
        "магазин на ул. Гагарина закрыт",
        "слава богу, вера в лучшее, роза ветров",
        "the Settings page crashes on Samsung Internet",
        "Please see Invoice INV-22 and Credit Note CN-7",
        "will it mark the bill, I hope",
        "any store in San Francisco or New York?",
        "Kubernetes pods restart after the Helm upgrade",
    ],
)
def test_products_places_and_plain_words_are_nobody(text: str) -> None:
    assert mask(text) == text


def test_a_text_that_takes_too_long_is_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masker, "DEADLINE_SECONDS", -1.0)
    with pytest.raises(MaskingError, match="could not be masked within"):
        Masker().mask(RawText("пишите Анне на anna@example.com"))


class Watching:
    """Finds nothing; waits as on a busy machine, and remembers whether the models were there."""

    name = "watching"
    loaded = 0

    def find(self, _: Context) -> Iterable[Found]:
        self.loaded = models._load_tagger.cache_info().currsize
        time.sleep(1.1)
        return ()


def test_neither_loading_the_models_nor_waiting_is_the_texts_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    models._load_tagger.cache_clear()
    monkeypatch.setattr(masker, "DEADLINE_SECONDS", 1.0)
    watching = Watching()
    Masker([watching, *RECOGNISERS]).mask(RawText("ок"))
    assert watching.loaded
