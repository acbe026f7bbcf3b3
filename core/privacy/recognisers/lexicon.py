"""Word lists for names in Latin letters, read once at first use."""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from core.privacy.diminutives import all_forms

_DATA = Path(__file__).parent.parent / "data"
NAME_LETTERS = _DATA / "name_letters.json"

_PLACES = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun easter christmas
halloween ramadan africa america asia europe antarctica australia oceania usa uk eu uae ussr afghanistan albania
algeria andorra angola argentina armenia austria azerbaijan bahrain bangladesh belarus belgium bolivia bosnia botswana
brazil britain bulgaria burma cambodia cameroon canada chad chile china colombia congo croatia cuba cyprus czech
czechia denmark ecuador egypt england eritrea estonia ethiopia finland france gambia georgia germany ghana greece
greenland guatemala guinea haiti holland honduras hungary iceland india indonesia iran iraq ireland israel italy
jamaica japan jordan kazakhstan kenya korea kosovo kuwait kyrgyzstan laos latvia lebanon liberia libya lithuania
luxembourg macedonia malaysia malta mexico moldova monaco mongolia montenegro morocco mozambique myanmar nepal
netherlands nicaragua niger nigeria norway oman pakistan palestine panama paraguay peru philippines poland portugal
qatar romania russia rwanda scotland senegal serbia singapore slovakia slovenia somalia spain sudan sweden switzerland
syria taiwan tajikistan tanzania thailand tunisia turkey turkmenistan uganda ukraine uruguay uzbekistan venezuela
vietnam wales yemen zambia zimbabwe trinidad alabama alaska arizona arkansas california carolina colorado connecticut
dakota delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts
michigan minnesota mississippi missouri montana nebraska nevada hampshire jersey ohio oklahoma oregon pennsylvania
tennessee texas utah vermont virginia wisconsin wyoming york london paris berlin madrid rome milan vienna geneva
zurich munich hamburg frankfurt cologne dublin edinburgh glasgow manchester liverpool birmingham leeds bristol oxford
cambridge sheffield belfast cardiff brussels amsterdam rotterdam copenhagen oslo stockholm helsinki warsaw krakow
prague budapest bucharest sofia athens istanbul ankara moscow petersburg kiev kyiv minsk riga vilnius tallinn tbilisi
yerevan baku almaty astana tashkent dubai doha riyadh cairo lagos nairobi johannesburg mumbai delhi bangalore chennai
kolkata karachi lahore dhaka bangkok hanoi manila jakarta singapore beijing shanghai shenzhen tokyo osaka kyoto seoul
sydney melbourne brisbane perth adelaide auckland wellington toronto montreal vancouver ottawa calgary boston chicago
houston dallas austin denver seattle portland phoenix atlanta miami orlando tampa detroit cleveland philadelphia
pittsburgh baltimore washington vegas angeles sacramento oakland lincoln brooklyn manhattan queens bronx compton
hollywood lisbon porto barcelona valencia seville malaga naples turin venice florence lyon marseille nice african
american asian european australian british english scottish welsh irish french german italian spanish portuguese dutch
belgian swiss austrian polish russian ukrainian belarusian czech slovak hungarian romanian bulgarian greek turkish
arab arabic israeli jewish hebrew persian iranian indian pakistani chinese japanese korean vietnamese thai mexican
canadian brazilian swedish norwegian danish finnish icelandic latin cyrillic christian muslim islam islamic catholic
buddhist hindu jew jews muslims god lord allah camden soho chelsea brixton street avenue boulevard airport station university
"""
"""Months, days, countries, big cities, nations: capitals that name nobody."""

_BRANDS = """
amazon apple google microsoft meta facebook instagram whatsapp telegram viber skype zoom slack discord twitter tiktok
youtube netflix spotify uber lyft airbnb ebay etsy aliexpress alibaba walmart target ikea lidl tesco costco paypal
stripe visa mastercard amex maestro klarna revolut wise monzo chase citi citibank barclays hsbc santander shopify
woocommerce magento wordpress wix squarespace bigcommerce opencart prestashop bitrix tilda hubspot salesforce zendesk
intercom mailchimp sendgrid twilio zapier notion trello jira confluence asana github gitlab bitbucket docker
kubernetes redis postgres postgresql mysql mongo mongodb oracle java python ruby perl pascal delphi swift kotlin dart
rust golang php javascript typescript react angular vue django flask laravel symfony rails spring node nodejs nginx
apache linux ubuntu debian fedora centos windows macos mac ios android iphone ipad ipod macbook airpods airpod imac
samsung galaxy xiaomi redmi huawei honor nokia motorola sony lenovo thinkpad dell asus acer hp epson canon brother
zebra atol evotor verifone ingenico chrome firefox safari opera edge brave yandex mail gmail outlook yahoo hotmail
icloud dropbox onedrive office excel word powerpoint teams photoshop figma canva adobe acrobat alexa siri cortana
copilot chatgpt claude gemini openai anthropic polka ozon wildberries avito sdek cdek dhl fedex ups usps hermes evri
tesla toyota honda ford bmw audi mercedes nissan kia hyundai volkswagen mcdonald mcdonalds starbucks nike adidas zara
pokemon minecraft fortnite playstation xbox nintendo wechat alipay binance bitcoin ethereum kafka celery rabbitmq
grafana prometheus sentry jenkins terraform ansible
posnet novitus elzab datecs incotex bixolon sunmi ingenico verifone castles pax imin citaq sewoo rongta xprinter gprinter
goojprt munbyn netum mertech honeywell datalogic newland zebex argox godex dymo sumup zettle izettle lightspeed loyverse
vend clover toast worldpay elavon fiserv bambora mollie payoneer yookassa robokassa cloudpayments tinkoff sberbank iiko
frontol moysklad yclients altegio amocrm diadoc sbis kontur taxcom xero quickbooks freshbooks myob netsuite odoo
klaviyo dojo elo epos clearpay monzo mpop paytm
bigcommerce ecwid insales deliveroo doordash glovo wolt yemeksepeti shopee lazada allegro
"""
"""Products and firms: what a support chat has to be able to read. An installation may add its own."""

_MODERN = """
became began begun bent blew bought broke broken brought built burnt came caught chose chosen came cost crept cut
dealt did done drank drawn drew driven drove ate eaten fallen fed fell felt fled flew flown forbade forgave forgiven
forgot forgotten forsook found fought froze frozen gave given gone got gotten grew grown had heard held hid hidden hit
hung hurt kept knew known laid lain led left lent let lost made meant met mistook paid proven put quit ran rang ridden
risen rode rose rung said sang sank sat saw seen sent set shaken shook shone shot shown shrank shut slept slid sold
sought spent spoke spoken spread sprang stole stolen stood stuck struck stung sung sunk swam swept swore sworn swum
swung taken taught thought threw thrown told took tore torn understood went withdrew withdrawn woke woken won wore
worn wove written wrote were been was has does goes children men women people feet teeth mice better best worse worst
further less least mr mrs ms miss dr prof sir madam webhook webhooks email emails app apps website websites online
offline screenshot screenshots login logins logout signup signin api apis url urls sms wifi bluetooth usb pdf csv json
xml html css excel ok okay lol omg wtf btw idk imo imho fyi asap thx pls plz ty np yep nope cc bcc mb gb kb tb px ms
kg cm mm km id yeah gonna wanna gotta kinda lemme dunno cuz coz ur im ive ill id dont doesnt didnt cant wont isnt
wasnt arent couldnt wouldnt shouldnt thats whats lets theres hes shes theyre youre were hey hi hello bye haha hahaha
lmao rofl wow yay ugh oops hmm umm uh admin admins dev devs devops qa ui ux crm erp pos sku ean upc vat gst kyc otp
pin cvv sso saas smtp imap dns ssl tls vpn ip id ids uuid sdk cli gpu cpu ram ssd gps nfc qr faq eta refund refunds
chatbot bot bots backend frontend database dropdown checkbox popup plugin plugins addon addons changelog codebase
config configs username usernames timestamp timezone timezones refactor rollback checkout dashboard backup backups
download downloads upload uploads update updates upgrade workflow workflows workaround livechat smartphone smartphones
laptop laptops barcode barcodes cashback voucher vouchers presale chargeback chargebacks autofill livestream blog vlog
video videos selfie emoji meme internet google googled googling cybersecurity malware spam phishing captcha middleware
runtime timeout timeouts typo typos todo async sync synced syncing localhost sandbox staging prod repo commit commits
merge rebase docs noone y'all syslog systemctl cron corba distro libs lib sudo chroot xorg
grub pastebin webcam webrtc emoticon spreadsheet inbox inboxes symlink admin repos gui tui shell bash zsh vim emacs
kernel driver drivers dkms wget curl ssh ftp http https localhost payout payouts debug debugging colour colours
favourite reimport resend boss bro dude guys mom dad mum grandma grandpa kid kids girl lady sir madam gentleman
everyone everybody anyone someone nobody
"""
"""Words younger than the dictionary."""

_RUSSIAN = """
zakaz zakaza kassa kassu dengi privet spasibo pozhaluysta oplata dostavka chek ne da net gde kak chto kogda znaet eto moy
rabotaet sprosite skazhite pomogite podskazhite dobryy dobry den zdravstvuyte rahmat rahmet ya vy my ty on ona oni iz na u
"""
"""Russian in Latin letters that everybody writes."""


_CHAT_ABROAD = """
funciona funcionan gracias hola buenos buenas dias tardes ayuda perdon vale listo perfecto obrigado obrigada ola bom dia
boa tarde ajuda certo funcionando danke bitte hallo guten tag morgen abend geht lauft funktioniert klappt hilfe genau
vielen dank gruss bonjour merci beaucoup salut marche fonctionne aide parfait repare grazie mille ciao buongiorno aiuto
funziona posto perfetto dziekuje dzieki czesc dzien dobry dziala prosze pomoc swietnie dekuji ahoj dobry funguje pomoc
tesekkurler tesekkur merhaba selam calisiyor calismiyor lutfen yardim tamam evet hayir simdi nasil tack hej fungerar
hjalp takk hei fungerer tak virker kiitos toimii koszonom szia mukodik multumesc salut functioneaza hvala radi bedankt
werkt hoi terima kasih cam xin rahmat assalom salom
"""
"""Greetings, thanks, and what is said of things that work or do not, in twenty languages, accents removed."""


def word_set(words: str) -> frozenset[str]:
    """The words of a string."""
    return frozenset(words.split())


def _read(name: str) -> frozenset[str]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def common_first_names() -> frozenset[str]:
    """What many people are called, in English and in Russian written in Latin letters."""
    return _read("first_names_common.txt") | _transliterated()


@cache
def first_names() -> frozenset[str]:
    """What some people are called somewhere."""
    return _read("first_names.txt")


@cache
def surnames() -> frozenset[str]:
    return _read("surnames.txt")


@cache
def common_surnames() -> frozenset[str]:
    """Surnames that many people bear; the rest are mostly met as something else where they are words too."""
    return _read("surnames_common.txt")


@cache
def english_words() -> frozenset[str]:
    return _read("english_words.txt") | _read("english_words_modern.txt") | frozenset(_MODERN.split()) | russian_words()


@cache
def russian_words() -> frozenset[str]:
    return word_set(_RUSSIAN)


@cache
def foreign_words() -> frozenset[str]:
    """What other languages in Latin letters are full of."""
    return _read("foreign_words.txt") | frozenset(_CHAT_ABROAD.split())


_AMBIGUOUS = """
will may mark bill rich frank grant chase hunter drew dean pat sue ray rob art grace hope faith joy rose lily daisy
jack dale guy gene miles max glen cliff penny ruby amber holly ivy iris dawn eve carol robin jean young long angel
star sky autumn summer sunny sandy rusty dusty misty stormy brook crystal pearl jade ginger pepper olive hazel violet
rosemary basil sage heather fern flora april june august christian earl duke prince king major judge marshal porter
cooper baker carver sawyer forest woody rocky sonny buddy bud chip chuck dick don doc dee jay kay bee jo al ed ty so
see lady princess queen destiny harmony melody serenity felicity prudence patience constance charity mercy clement
genesis heaven nevada paris london asia china india america georgia virginia carolina savannah dallas austin houston
lincoln washington jordan israel chad florence adelaide madison brooklyn orlando santiago francis case chance clay
cash colt lance wade skip rod nick norm mac vision way love lovely happy pink blue gray grey green brown black white
golden silver diamond coral sapphire pleasure so in an too do long alpha beta delta nova luna mars venus apollo atlas
titan scout ranger archer bishop pope saint dusk reed heath moss glade dell vale lane rhodes page booker press story
verse numbers number santa many info hang mate link jet ace king many van von la le de del my ma pa pa
"""
"""First names that are mostly read as something else."""


@cache
def ambiguous_names() -> frozenset[str]:
    return word_set(_AMBIGUOUS)


@cache
def places() -> frozenset[str]:
    return frozenset(_PLACES.split())


@cache
def brands() -> frozenset[str]:
    return _read("brands.txt") | frozenset(_BRANDS.split())


_LETTERS = dict(
    zip(
        "абвгдезиклмнопрстуфхцчшщыэ",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "y",
            "e",
        ],
        strict=True,
    )
)
_SPELLINGS = {
    "ж": ("zh",),
    "й": ("y", "i"),
    "ю": ("yu", "iu", "ju"),
    "я": ("ya", "ia", "ja"),
    "ё": ("yo", "e"),
    "ь": ("", "i"),
    "ъ": ("",),
    "е": ("e", "ye"),
    "х": ("kh", "h"),
    "кс": ("x",),
}
MAX_SPELLINGS = 12
_WORDS_TOO = word_set("polka sofa mania semen raja roman ilia")
"""Spellings that are read as a word first."""


@cache
def _transliterated() -> frozenset[str]:
    """Russian names as people spell them in Latin letters: `masha`, `ksyusha`, `sergei`, `sergey`."""
    found: set[str] = set()
    for name in all_forms():
        spellings = [""]
        for letter in name:
            choices = _SPELLINGS.get(letter) or (_LETTERS[letter],)
            spellings = [begun + choice for begun in spellings for choice in choices][:MAX_SPELLINGS]
        found.update(spelling for spelling in spellings if len(spelling) >= 4)
    return frozenset(found - _WORDS_TOO)


@lru_cache(maxsize=50_000)
def plain(word: str) -> str:
    """A word as the lists have it: lower-case, without accents and the possessive."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word).translate(_UNACCENTED)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_UNACCENTED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
)
_CONTRACTED = frozenset(("ll", "ve", "re", "d", "m", "t"))
_SUFFIXES = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("d", ""),
    ("ed", ""),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("er", ""),
    ("er", "e"),
    ("ly", ""),
    ("est", ""),
    ("n't", ""),
)


def is_contraction(word: str) -> bool:
    """`i'm`, `they'll`."""
    return word.partition("'")[2] in _CONTRACTED


@lru_cache(maxsize=50_000)
def is_english_word(word: str) -> bool:
    """Whether a plain word is an ordinary one, also in its inflected forms."""
    words = english_words()
    if word in words or is_contraction(word) or word.partition("'")[0] in words:
        return True
    if _is_inflected(word) or (
        word.startswith("re") and len(word) > 6 and (word[2:] in words or _is_inflected(word[2:]))
    ):
        return True
    stemmed = word.removesuffix("ing").removesuffix("ed")
    return stemmed != word and len(stemmed) > 3 and stemmed[-1] == stemmed[-2] and stemmed[:-1] in words


def _is_inflected(word: str) -> bool:
    words = english_words()
    return any(
        word.endswith(old) and len(word) > len(old) + 1 and word[: -len(old)] + new in words for old, new in _SUFFIXES
    )


@cache
def _letters() -> Mapping[str, float]:
    table: dict[str, float] = json.loads(NAME_LETTERS.read_text(encoding="utf-8"))
    return table


@lru_cache(maxsize=50_000)
def looks_like_name(word: str) -> float:
    """How much oftener the letters of a plain word stand together in names than in words: below 0 a word, above it a name."""
    parts = trigrams(word)
    return sum(_letters().get(part, 0.0) for part in parts) / len(parts)


def trigrams(word: str) -> Sequence[str]:
    """The pieces of three letters of a word, its ends among them.

    >>> trigrams("ann")
    ['^an', 'ann', 'nn$']
    """
    bounded = f"^{word}$"
    return [bounded[place : place + 3] for place in range(max(1, len(bounded) - 2))]


_PREFIXES = (
    "un",
    "re",
    "pre",
    "over",
    "under",
    "sub",
    "super",
    "multi",
    "auto",
    "non",
    "mis",
    "out",
    "inter",
    "de",
    "e-",
    "web",
    "micro",
    "cyber",
)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
MIN_COMPOUND, MIN_PART, MIN_TYPO, MAX_TYPO = 7, 3, 6, 16


@lru_cache(maxsize=50_000)
def is_like_english(word: str) -> bool:
    """Whether a word that no list has is made of English ones, or is one with a letter wrong: `desktop`, `downlading`."""
    if not word.isascii() or len(word) > MAX_TYPO + MIN_COMPOUND:
        return False
    if any(
        word.startswith(prefix) and len(word) - len(prefix) > MIN_PART and _is_form(word[len(prefix) :])
        for prefix in _PREFIXES
    ):
        return True
    if len(word) >= MIN_COMPOUND:
        cuts = range(MIN_PART, len(word) - MIN_PART + 1)
        if any(word[:cut] in english_words() and _is_form(word[cut:]) for cut in cuts):
            return True
    return MIN_TYPO <= len(word) <= MAX_TYPO and any(_is_form(other) for other in _near(word))


def _is_form(word: str) -> bool:
    return word in english_words() or _is_inflected(word)


def _near(word: str) -> Iterator[str]:
    """The words from which a slip of the finger leads to this one. The first letter is mostly right."""
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
        for letter in _ALPHABET:
            yield word[:place] + letter + word[place:]


_MONTHS = frozenset(("april", "may", "june", "august"))


@lru_cache(maxsize=50_000)
def kind_of(word: str) -> str:
    """What the lists say of a plain word: a capital letter for what it is as a name, `o` when it is an ordinary word too."""
    if word in places():
        return "Fo" if word in common_first_names() and word not in _MONTHS else "place"
    if word in brands():
        return "brand"
    ordinary = "o" if is_english_word(word) else ""
    if word in common_first_names():
        return "Fo" if word in ambiguous_names() else "F"
    surname = word in surnames()
    if word in first_names():
        return ("B" if surname else "R") + ordinary
    if surname:
        return ("C" if word in common_surnames() else "L") + ordinary
    return "-o" if ordinary or word in foreign_words() or is_like_english(word) else "-"
