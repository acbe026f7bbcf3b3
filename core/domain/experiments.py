"""Experiments in the live bot: two ways of answering, and who is answered in which. Pure."""

import hashlib
from enum import StrEnum
from uuid import UUID

_RANGE = 2**64


class Arm(StrEnum):
    """One of the two ways."""

    CONTROL = "control"
    CANDIDATE = "candidate"


def arm_of(experiment_id: UUID, person: str, share: float) -> Arm:
    """The arm of a person, known by their pseudonym: always the same one in an experiment, and in the next one drawn anew.

    `share`: of the people who get the candidate, 0 to 1.

    >>> one = UUID(int=1)
    >>> {arm_of(one, "person", 0.5) for _ in range(100)} == {arm_of(one, "person", 0.5)}
    True
    >>> arm_of(one, "person", 0), arm_of(one, "person", 1)
    (<Arm.CONTROL: 'control'>, <Arm.CANDIDATE: 'candidate'>)
    """
    drawn = int.from_bytes(hashlib.sha256(experiment_id.bytes + person.encode()).digest()[:8])
    return Arm.CANDIDATE if drawn < share * _RANGE else Arm.CONTROL
