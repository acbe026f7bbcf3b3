"""How a street with a house is written, language by language. Every pattern is bounded, so that reading stays linear."""

_LETTER_HOUSE = r"\d{1,4}(?:\s?[а-дА-ДA-Fa-f](?!\p{L}))?"
_NOT_A_SUM = (
    r"(?![\d:.]\d)(?!\d)(?!\s?(?:руб|шт|мин|час|раз|дн|лет|год|числ|км|метр|₽|%|°|градус|день|дня|стр(?:ок|ан)|"
    r"товар|касс|чек|позиц))"
)

# Russian, with Ukrainian, Belarusian and Bulgarian.
KIND = (
    r"(?:ул(?:иц[аеуы]|\.|(?=\s))|вул(?:иц[яіюе]|\.|(?=\s))|пр-т\.?|пр-кт\.?|просп(?:ект\p{L}{0,2}|\.)|праспект|пр\.|"
    r"пер(?:еул\p{L}{1,4}|\.)|пров(?:улок|улку|\.)|б-р\.?|бул\.|бульв(?:ар\p{L}{0,2}|\.)|наб(?:ережн\p{L}{2,3}|\.)|"
    r"шоссе|ш\.|тракт\p{L}{0,2}|пл(?:ощад\p{L}{1,3}|\.)|проезд\p{L}{0,2}|мкр-?н?\.?|микрорайон\p{L}{0,2}|"
    r"тупик\p{L}{0,2}|алле[яюей]{1,2}|кварт?ал\p{L}{0,2}|кв-л)"
)
_NAME_WORD = r"(?:\d{1,3}(?:-?[а-я]{1,3})?\s+)?(?:им(?:ени|\.)\s+)?\p{Lu}?[\p{L}.-]{2,24}"
_HOUSE = (
    rf"(?:(?:д(?:ом)?|буд)\p{{L}}{{0,2}}\.?\s{{0,2}}№?\s{{0,2}})?{_LETTER_HOUSE}"
    rf"(?:\s?[/-]\s?\d{{1,3}}[а-дА-Д]?(?!\d))?{_NOT_A_SUM}"
)
_FLAT = (
    r"(?:кв(?:артир\p{L}{1,2}|\.)?|корп(?:ус\p{L}{0,2}|\.)?|к\.?|стр(?:оен\p{L}{1,3}|\.)?|под(?:ъезд\p{L}{0,2}|\.)?|"
    r"пд\.?|"
    r"эт(?:аж\p{L}{0,2}|\.)?|оф(?:ис\p{L}{0,2}|\.)?|пом(?:ещен\p{L}{1,3}|\.)?|комн(?:ат\p{L}{1,2}|\.)?|секци\p{L}|"
    r"пәтер|"
    r"лит(?:ер\p{L}?|\.)?)"
)
_PARTS = (
    rf"(?:[,\s]{{1,3}}(?:{_FLAT}\s{{0,2}}№?\s{{0,2}}\d{{1,4}}+[а-дА-Д]?|"
    rf"домофон\s{{0,2}}[\d#*]{{1,6}}+[А-Яа-яA-Za-z]?\d{{0,4}}"
    r"|лит(?:ер\p{L}?|\.)?\s?[А-Я])(?![\p{L}\d])"
    r"|[,\s]{1,3}\d{1,3}(?:-?[йя])?\s(?:подъезд|этаж)|\s?-\s?\d{1,4}(?!\d)){0,6}"
)
_ADJECTIVE = r"\p{Lu}[\p{L}-]{1,20}(?:ая|ий|ый|ой)"
_HOME = (
    r"(?<!\p{L})(?:жив(?:у|[её]м|[её]т)|прожива(?:ю|ем|ет)|прописан\p{L}{0,2}|прописк\p{L}{1,2}|"
    r"зарегистрирован\p{L}{0,2}) (?:по адресу:? |на |по |в )?"
)
_ADDRESS_WORD = r"(?:адрес\p{L}{0,2}|доставк\p{L}{1,2}|доставить|доставьте|привезите|заберите|забрать|приезжайте)"

RUSSIAN = (
    rf"(?<![\p{{L}}\d])(?i:{KIND}\s{{0,2}}{_NAME_WORD}(?:\s{_NAME_WORD}){{0,2}}?[,\s]{{1,3}}{_HOUSE}{_PARTS})",
    rf"(?<![\p{{L}}\d])(?:\d-?[яй]\s)?\p{{Lu}}[\p{{L}}-]{{3,24}}\s(?i:{KIND})[,\s]{{1,3}}(?i:{_HOUSE}{_PARTS})",
    rf"(?<![\p{{L}}\d])(?i:\p{{L}}[\p{{L}}-]{{3,24}}[,\s]{{1,3}}(?:д(?:ом)?\.?\s{{0,2}})?{_LETTER_HOUSE}(?:/\d{{1,3}})?"
    rf"[,\s]{{1,3}}(?:кв(?:артир\p{{L}}{{1,2}}|\.)?|корп(?:ус\p{{L}}{{0,2}}|\.)?)\s{{0,2}}\d{{1,4}}(?!\d){_PARTS})",
    rf"(?<![\p{{L}}\d])(?i:д(?:ом\p{{L}}?)?\.?\s{{0,2}}{_LETTER_HOUSE}(?:/\d{{1,3}})?[,\s]{{1,3}}"
    rf"(?:корп\p{{L}}{{0,4}}\.?\s{{0,2}}\d{{1,2}}[,\s]{{1,3}})?кв(?:артир\p{{L}}{{1,2}}|\.)?\s{{0,2}}\d{{1,4}}(?!\d))",
    # "1-я Парковая, 15"
    rf"(?<![\p{{L}}\d])\d{{1,2}}-?[яй]\s(?:{_ADJECTIVE}|[Лл]иния)[,\s]{{1,3}}(?i:{_HOUSE}{_PARTS})",
    # "Тверская 7, подъезд 3"
    rf"(?<![\p{{L}}\d])\p{{Lu}}[\p{{L}}-]{{3,24}}[,\s]{{1,2}}{_LETTER_HOUSE},?\s(?:подъезд|домофон|оф(?:ис|"
    rf"\.))\s?\d{{1,4}}"
    rf"(?!\d)(?i:{_PARTS})",
    # "мкр. 5, дом 12, кв 33"
    rf"(?<![\p{{L}}\d])(?i:(?:мкр-?н?\.?|микрорайон|"
    rf"квартал)\s{{0,2}}\d{{1,3}}[а-я]?,?\s(?:д(?:ом)?\.?\s{{0,2}}){_LETTER_HOUSE}"
    rf"{_NOT_A_SUM}{_PARTS})",
    # "Достык көш. 5", "Абай даңғылы 150"
    r"(?<!\p{L})\p{Lu}\p{L}{2,24}(?:\s\p{Lu}\p{L}{2,24})?\s(?:көш(?:есі|\.)?|даң(?:ғылы|\.))[,\s]{1,2}(?:үй\s)?\d{1,4}"
    rf"(?!\d)(?:/\d{{1,3}})?(?i:{_PARTS})",
)

# Where the words before say that an address follows, its street may stand bare: the street is group `value`.
SAID = (
    rf"(?i:{_HOME})(?P<value>[\p{{L}}-]{{4,24}}(?:\s[\p{{L}}-]{{4,24}})?[,\s]{{1,2}}(?i:{_HOUSE}{_PARTS}))",
    rf"(?<!\p{{L}})(?i:{_ADDRESS_WORD})[^\d\n.]{{0,16}}?(?<![\p{{L}}-])(?P<value>\p{{Lu}}[\p{{L}}-]{{3,24}}(?:\s\p{{Lu}}[\p{{L}}-]{{3,24}})?"
    rf"[,\s]{{1,2}}(?i:{_HOUSE}{_PARTS}))",
    r"(?i:\bliv(?:e|es|ing) (?:at|on|in)|\baddress(?:\sis)?:?)\s{1,4}(?P<value>\d{1,6}[A-Za-z]?\s[\p{L}'.-]{3,24}"
    r"(?:\s[\p{L}'.-]{2,24}){0,3}(?:\s\d{1,5})?(?=\s*(?:[,.;!?)\n]|$)))",
)

# Languages that put the kind of street first: "ul. Kwiatowa 12/4", "Via Roma 12", "Calle Mayor 15".
_FIRST = (
    r"(?:ul(?:\.|ica|ice)|al(?:\.|eja)|os(?:\.|iedle)|pl(?:\.|ac)|n[aá]m(?:\.|[eě]st[ií])|t[rř](?:\.|[ií]da)|"
    r"[Cc]alle|C/|Avda\.?|Avenida|Av\.|Plaza|Pza\.|Paseo|Camino|Carrera|Gran|R[uú]a|Travessa|"
    r"[Vv]ia(?=\s\p{Lu})|Viale|Piazza|Piazzetta|Corso|Vicolo|Largo|"
    r"Str(?:\.|ada)|Bd\.|Bulevardul|Calea|Rruga|Rue|Avenue|Boulevard|Chemin|All[ée]e|Impasse|Quai|Place)"
)
_WORD = r"[\p{L}'’.-]{1,24}"
# Languages that grow the kind onto the name: "Hauptstraße 5", "Kerkstraat 12", "Storgatan 4".
_GROWN = (
    r"\p{Lu}[\p{L}-]{2,20}(?:stra(?:ße|sse)|str\.|gasse|weg|platz|allee|damm|ufer|markt|stra[au]t|laan|plein|gracht|"
    r"kade|"
    r"steeg|v[aä]gen|gatan|gr[aä]nd|vej(?:en)?|ve(?:i|g)en|gaden?|str[aæ]de|plads|braut|kat[ua]|tie|vegur|gata)"
)
_NUMBER = r"(?:nr\.?\s|No\.?\s?:?\s?|č\.\s?)?\d{1,4}(?:\s?[a-hA-H](?!\p{L}))?(?:/\d{1,4}[a-z]?)?(?![\d.:]*\d)"
_ROOM = (
    r"(?:,?\s(?:m\.?|lok\.?|et\.|ap(?:t|art)?\.?|D(?:aire)?\s?[:.]?|Kat\s?[:.]?|sc\.|bl\.)\s?\d{1,4}|"
    r",\s\d{1,2}º(?:\s[A-D])?){0,3}"
)
EUROPEAN = (
    rf"(?<![\p{{L}}\d])(?:{_FIRST}|(?i:{_FIRST})(?=\s\p{{Lu}}))\s(?:(?:de|d|del|della|delle|dei|la|le|les|los|das|dos|"
    rf"e|do|da)\s){{0,2}}\p{{Lu}}{_WORD}(?:\s{_WORD}){{0,3}}?,?\s{_NUMBER}{_ROOM}",
    rf"(?<![\p{{L}}\d])(?:{_GROWN}|\p{{Lu}}\p{{L}}{{2,20}}\s(?:Stra(?:ße|sse)|Str\.|Platz|Weg|Allee)|"
    rf"(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Zum|"
    rf"Zur)\s\p{{Lu}}\p{{L}}{{2,20}}(?=\s\d{{1,3}}[a-h]?,\s\d{{5}}))\s"
    rf"{_NUMBER}{_ROOM}",
    # Hungarian puts the kind second: "Kálmán Imre u. 12."
    rf"(?<![\p{{L}}\d])\p{{Lu}}{_WORD}(?:\s\p{{Lu}}{_WORD}){{0,2}}\s(?:u\.|utca|út|útja|tér|tere|körút|"
    rf"köz)\s\d{{1,4}}(?!\d)(?:/\w)?\.?",
    # Turkish puts the quarter first: "Cumhuriyet Mah. Gül Sok. No:5 Daire:3"
    rf"(?<![\p{{L}}\d])(?:\p{{Lu}}\p{{L}}{{1,20}}\s){{1,3}}(?:Mah(?:allesi|"
    rf"\.)?,?\s(?:\p{{Lu}}\p{{L}}{{1,20}}\s){{1,3}})?"
    rf"(?:Cad(?:desi|\.)?|So?k(?:ak|ağı|\.)?|Bulvar[ıi]|"
    rf"Blv\.)[,\s]{{1,2}}(?:No\s?[:.]?\s?)?\d{{1,4}}[A-Za-z]?(?!\d){_ROOM}"
    rf"(?:,?\s\p{{Lu}}\p{{L}}{{2,20}}/\p{{Lu}}\p{{L}}{{2,20}})?",
    # French puts it after the number: "12 rue de la Paix"
    rf"(?<![\p{{L}}\d.,/-])\d{{1,4}}(?:\s?(?:bis|ter))?,?\s(?i:rue|avenue|av\.|boulevard|bd|place|chemin|all[ée]e|"
    rf"impasse|quai|cours|route|"
    rf"passage)\s(?:(?:de|du|des|d|la|le|les|l)['’\s]{{1,2}}){{0,3}}\p{{L}}{_WORD}(?:\s\p{{Lu}}{_WORD}){{0,3}}",
    # In any language, where a flat follows: "213 Pilekrogen 53 Apt. 263"
    rf"(?<![\p{{L}}\d])(?:\d{{1,5}}\s)?\p{{Lu}}{_WORD}(?:\s{_WORD}){{0,3}}?\s\d{{1,4}}\.?[,\s]{{1,3}}(?i:Apt|"
    rf"Apartment|Suite|Flat)\.?\s"
    r"\d{1,5}(?!\d)",
    # In any language, where a postcode and a city follow: "Marszałkowska 12 m. 4, 00-590 Warszawa"
    rf"(?<![\p{{L}}\d])\p{{Lu}}{_WORD}(?:\s{_WORD}){{0,3}}?\s\d{{1,4}}[a-zA-Z]?(?:/\d{{1,4}})?{_ROOM}"
    r"(?=,?\s(?:\d\d-\d{3}|\d{3} \d\d|\d{5}|\d{4} ?[A-Z]{2}|\d{4}) \p{Lu}\p{Ll})",
)

_STREET = (
    r"(?:St(?:reet)?|Ave(?:nue)?|Rd|Road|Blvd|Boulevard|Lane|Ln|Dr(?:ive)?|Court|Ct|Square|Sq|Place|Pl|Terrace|"
    r"Ter|Way|Parkway|Pkwy|Highway|Hwy|"
    r"Crescent|Close|Gardens|Mews|Row|Alley|Circle|Cir|Trail|Walk|Hill|Grove)"
)
_UNIT = r"(?:[,\s]{1,3}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|#)\.?\s{0,2}#?[\dA-Z]{1,6}(?!\p{L}))?"
_NUMBERED = r"(?<![\p{L}\d.,$€£#:/-])"
UK_POSTCODE = (
    r"(?:[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKPSTUW]|[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRVWXY])"
    r" \d[ABD-HJLNP-UW-Z]{2}(?![\p{L}\d])"
)
ENGLISH = (
    rf"{_NUMBERED}(?:(?:Flat|Apt|Apartment|Unit|Suite)\.?\s[\dA-Z]{{1,5}},?\s)?\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?,?\s+"
    rf"(?:(?:[NSEW]|North|South|East|West)\.?\s)?(?:\p{{Lu}}[\p{{L}}'.-]{{1,20}}|\d{{1,3}}(?:st|nd|rd|th))"
    rf"(?:\s\p{{Lu}}[\p{{L}}'.-]{{1,20}}){{0,3}}?\s{_STREET}\b\.?{_UNIT}",
    rf"(?i:{_NUMBERED}\d{{1,5}}\s(?!minutes?|hours?|days?|ways?|steps?|more|other|times|dead|different|new|old|good|"
    rf"long|main|"
    rf"one|two)[a-z'.-]{{2,16}}(?:\s[a-z'.-]{{2,16}})?\s(?:street|avenue|ave|road|rd|blvd|boulevard|lane|ln|"
    rf"st)\b\.?{_UNIT})",
    # "Maple Street 5, apt 3"
    r"(?<!\p{L})\p{Lu}[\p{L}'.-]{2,20}(?:\s\p{Lu}[\p{L}'.-]{2,20})?\s(?:Street|Road|Avenue|Lane|Drive|Close|Court|"
    r"Terrace)\s"
    r"\d{1,4}[A-Za-z]?(?=\s*(?:[,;.)\n]|$))(?:,?\s(?i:apt|flat|unit|suite|apartment)\.?\s?\w{1,5})?",
    rf"(?<![\p{{L}}\d]){UK_POSTCODE}",
    r"(?i:(?<!\p{L})P\.?\s?O\.?\s?Box\s\d{1,6})",
    # Of the armed forces: "PSC 6293, Box 8158, APO AP 04336"
    r"(?<![\p{L}\d])(?i:(?:PSC|CMR|Unit|USS|USNS|USNV|"
    r"USCGC)\s[\p{L}\d]{1,24},?\s(?:Box\s\d{1,5},?\s)?[ADF]PO\sA[AEP]\s\d{5})(?!\d)",
)
