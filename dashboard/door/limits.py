"""How often somebody may be wrong. Pure but for its memory, which is bounded."""

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=15)
OF_ADDRESS: Final = 10
"""Wrong passwords from one address within the window, after which it waits."""
OF_NAME: Final = 50
"""Wrong passwords for one person, from wherever: 5,000 tries a day guess no password of ten characters. It is above what
one address may try, so that nobody is shut out by a neighbour's mistakes."""
REMEMBERED: Final = 10_000
"""Addresses and names; beyond that the oldest is forgotten."""


class Limits:
    """Failures of late."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, address: str, name: str) -> timedelta | None:
        """How long the next try has to wait; None where it has not."""
        now = self._clock()
        waits = [self._wait(key, limit, now) for key, limit in _keys(address, name)]
        return max((one for one in waits if one is not None), default=None)

    def failed(self, address: str, name: str) -> None:
        """Note a wrong password."""
        now = self._clock()
        for key, limit in _keys(address, name):
            self._failures.setdefault(key, deque(maxlen=limit)).append(now)
            self._failures.move_to_end(key)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Whoever knows the password is forgiven what they mistyped."""
        self._failures.pop(_address_key(address), None)

    def _wait(self, key: str, limit: int, now: datetime) -> timedelta | None:
        failures = self._failures.get(key)
        if failures is None or len(failures) < limit or now - failures[0] >= WINDOW:
            return None
        return failures[0] + WINDOW - now


def _keys(address: str, name: str) -> tuple[tuple[str, int], ...]:
    return (_address_key(address), OF_ADDRESS), (f"name {name}", OF_NAME)


def _address_key(address: str) -> str:
    """Of IPv6 the network: every machine has 2**64 addresses of its own.

    >>> _address_key("2001:db8::1") == _address_key("2001:db8::2")
    True
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "address ?"
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return f"address {ipaddress.ip_network((known, 64), strict=False)}"
    return f"address {known}"
