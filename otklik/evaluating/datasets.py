"""The cases that `--dataset` names."""

from collections.abc import Sequence
from typing import Final

from core.db.session import ReadSession
from core.privacy.pseudonyms import PRIVATE_CHAT_BASE, Pseudonyms
from evals.cases import Case
from evals.loading import OWN, SAMPLES, checked, from_file, own_cases

SAMPLES_NAME: Final = "samples"
"""Names all datasets that ask about the sample chats."""


async def load_cases(session: ReadSession, names: Sequence[str], pseudonyms: Pseudonyms) -> Sequence[Case]:
    """The cases of these datasets, with private chats as they are stored here.

    Raises:
        BadInput: a dataset cannot be read, or two cases have the same id.
    """
    found: list[Case] = []
    for name in (each for given in names for each in (SAMPLES if given == SAMPLES_NAME else (given,))):
        if name == OWN:
            found.extend(await own_cases(session))
        else:
            found.extend(_stored(case, pseudonyms) for case in from_file(name))
    return checked(found)


def _stored(case: Case, pseudonyms: Pseudonyms) -> Case:
    """A case with the ids that its chats have here. A file names a private chat by its person's id, or, where it was
    written by `otklik evals export`, as it is stored."""

    def stored(chat_id: int) -> int:
        is_a_person = 0 < chat_id < PRIVATE_CHAT_BASE
        return pseudonyms.private_chat(chat_id) if is_a_person else chat_id

    return case.model_copy(
        update={
            "chat_id": case.chat_id and stored(case.chat_id),
            "relevant_messages": tuple((stored(chat), message) for chat, message in case.relevant_messages),
        }
    )
