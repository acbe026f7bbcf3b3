"""A fresh auth key: the server's half of the Diffie-Hellman exchange (req_pq_multi, req_DH_params, set_client_DH_params)."""

import functools
import hashlib
import os
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.mtproto.tl import (
    AES,
    TL,
    AuthKey,
    fingerprint,
    functions,
    generate_key_data_from_nonce,
    read_object,
    rsa,
    types,
)

PRIME = int(
    # Telegram's own 2048-bit safe prime: Telethon knows it, and would otherwise factorise for minutes.
    "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F48198A0AA7C14058229493D22530F4DB"
    "FA336F6E0AC925139543AED44CCE7C3720FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454F18FAF8C595F64"
    "2477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4A4A695811051907E162753B56B0F6B41"
    "0DBA74D8A84B2A14B3144E0EF1284754FD17ED950D5965B4B9DD46582DB1178D169C6BC465B0D6FF9CA3928FEF5B9AE4"
    "E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F0D8115F635B105EE2E4E15D04B2454BF"
    "6F4FADF034B10403119CD8E3B92FCC5B",
    16,
)
GENERATOR = 3
_P, _Q = 0x494C553B, 0x53911073


@functools.cache
def private_key() -> RSAPrivateKey:
    """The server's RSA key: made once a run, by OpenSSL (pure Python takes seconds)."""
    return generate_private_key(65537, 2048)


def public_key() -> str:
    """The PEM (PKCS #1) a client must trust before a fresh login: `telethon.crypto.rsa.add_key(pem, old=False)`."""
    return private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()


def trust() -> None:
    """Make the Telethon of this process accept the server's key."""
    rsa.add_key(public_key(), old=False)


def trusting_site(folder: Path) -> Path:
    """A folder that, first in PYTHONPATH, makes Telethon in a process of its own accept the server's key."""
    code = f"from telethon.crypto import rsa\n\nrsa.add_key({public_key()!r}, old=False)\n"
    (folder / "sitecustomize.py").write_text(code)
    return folder


class Handshake:
    """One exchange. It answers plain requests until `key` is there."""

    def __init__(self) -> None:
        self.key: TL = None
        self._nonce = 0
        self._server_nonce = int.from_bytes(os.urandom(16), "big", signed=True)
        self._new_nonce = 0
        self._secret = int.from_bytes(os.urandom(256), "big")
        self._aes: tuple[bytes, bytes] = (b"", b"")

    def answer(self, body: bytes) -> bytes:
        """The reply to one unencrypted request."""
        request, _ = read_object(body)
        match request:
            case functions.ReqPqMultiRequest():
                return self._offer(request)
            case functions.ReqDHParamsRequest():
                return self._parameters(request)
            case functions.SetClientDHParamsRequest():
                return self._finish(request)
        raise ConnectionError(f"{type(request).__name__} arrived unencrypted.")

    def _offer(self, request: TL) -> bytes:
        self._nonce = request.nonce
        mark = fingerprint(private_key().public_key().public_numbers())
        return bytes(types.ResPQ(self._nonce, self._server_nonce, (_P * _Q).to_bytes(8, "big"), [mark]))

    def _parameters(self, request: TL) -> bytes:
        numbers = private_key().private_numbers()
        sealed = int.from_bytes(request.encrypted_data, "big")
        plain = pow(sealed, numbers.d, numbers.public_numbers.n).to_bytes(255, "big")
        inner, length = read_object(plain[20:])
        if hashlib.sha1(plain[20 : 20 + length]).digest() != plain[:20]:
            raise ConnectionError("The client encrypted its key exchange with another public key.")
        self._new_nonce = inner.new_nonce
        self._aes = generate_key_data_from_nonce(self._server_nonce, inner.new_nonce)
        ours = pow(GENERATOR, self._secret, PRIME).to_bytes(256, "big")
        answer = bytes(
            types.ServerDHInnerData(
                self._nonce, self._server_nonce, GENERATOR, PRIME.to_bytes(256, "big"), ours, int(time.time())
            )
        )
        answer = hashlib.sha1(answer).digest() + answer
        answer += os.urandom(-len(answer) % 16)
        return bytes(types.ServerDHParamsOk(self._nonce, self._server_nonce, AES.encrypt_ige(answer, *self._aes)))

    def _finish(self, request: TL) -> bytes:
        inner, _ = read_object(AES.decrypt_ige(request.encrypted_data, *self._aes)[20:])
        shared = pow(int.from_bytes(inner.g_b, "big"), self._secret, PRIME)
        self.key = AuthKey(rsa.get_byte_array(shared))
        proof = self.key.calc_new_nonce_hash(self._new_nonce, 1)
        return bytes(types.DhGenOk(self._nonce, self._server_nonce, proof))
