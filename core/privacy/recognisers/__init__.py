"""The layers of masking. To add one, write a recogniser and put it into the list."""

from collections.abc import Sequence

from core.privacy.recognisers.banking import Accounts, Cards
from core.privacy.recognisers.base import Recogniser
from core.privacy.recognisers.chat_participants import ChatParticipants
from core.privacy.recognisers.contacts import Emails, Usernames
from core.privacy.recognisers.documents import OtherPapers, Passports, Snils, TaxNumbers
from core.privacy.recognisers.english_names import EnglishNames
from core.privacy.recognisers.network import Addresses, PrivateUrls
from core.privacy.recognisers.phones import Phones
from core.privacy.recognisers.places import PostalAddresses
from core.privacy.recognisers.russian_names import RussianNames
from core.privacy.recognisers.secrets import KnownKeys, OneTimeCodes, Passwords, RandomStrings
from core.privacy.recognisers.telegram import Entities

RECOGNISERS: Sequence[Recogniser] = (
    Entities(),
    PrivateUrls(),
    KnownKeys(),
    Passwords(),
    OneTimeCodes(),
    RandomStrings(),
    Emails(),
    Usernames(),
    Cards(),
    Accounts(),
    Addresses(),
    Passports(),
    TaxNumbers(),
    Snils(),
    OtherPapers(),
    Phones(),
    PostalAddresses(),
    ChatParticipants(),
    RussianNames(),
    EnglishNames(),
)
"""Every layer that reads each message. Their order decides nothing but ties."""
