"""The two-factor password: the server's half of Telegram's SRP."""

import hashlib
import os

from tests.fakes.mtproto.handshake import GENERATOR, PRIME
from tests.fakes.mtproto.tl import TL, types

_SIZE = 256


class Verifier:
    """One account's password. `challenge` says what to prove, `check` tells whether it was proved."""

    def __init__(self, password: str, hint: str | None = None) -> None:
        self._hint = hint
        self._salts = os.urandom(8), os.urandom(16)
        self._power = pow(GENERATOR, int.from_bytes(self._hash(password), "big"), PRIME)
        self._multiplier = int.from_bytes(_sha(_bytes(PRIME), _bytes(GENERATOR)), "big")
        self._srp_id = 0
        self._secret = 0
        self._public = 0

    def challenge(self) -> TL:
        """A fresh `account.password`."""
        self._srp_id += 1
        self._secret = int.from_bytes(os.urandom(_SIZE), "big")
        self._public = (self._multiplier * self._power + pow(GENERATOR, self._secret, PRIME)) % PRIME
        return types.account.Password(
            new_algo=self._algorithm(),
            new_secure_algo=types.SecurePasswordKdfAlgoSHA512(os.urandom(8)),
            secure_random=os.urandom(_SIZE),
            has_password=True,
            current_algo=self._algorithm(),
            srp_B=_bytes(self._public),
            srp_id=self._srp_id,
            hint=self._hint,
        )

    def is_current(self, proof: TL) -> bool:
        """Whether the proof answers the last challenge."""
        return bool(proof.srp_id == self._srp_id)

    def check(self, proof: TL) -> bool:
        """Whether the client knows the password."""
        theirs = int.from_bytes(proof.A, "big")
        mix = int.from_bytes(_sha(_bytes(theirs), _bytes(self._public)), "big")
        shared = _sha(_bytes(pow(theirs * pow(self._power, mix, PRIME), self._secret, PRIME)))
        mask = bytes(a ^ b for a, b in zip(_sha(_bytes(PRIME)), _sha(_bytes(GENERATOR)), strict=True))
        salts = _sha(self._salts[0]), _sha(self._salts[1])
        return _sha(mask, *salts, _bytes(theirs), _bytes(self._public), shared) == bytes(proof.M1)

    def _algorithm(self) -> TL:
        kind = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow
        return kind(*self._salts, GENERATOR, _bytes(PRIME))

    def _hash(self, password: str) -> bytes:
        first, second = self._salts
        inner = _sha(second, _sha(first, password.encode(), first), second)
        return _sha(second, hashlib.pbkdf2_hmac("sha512", inner, first, 100_000), second)


def _sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _bytes(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")
