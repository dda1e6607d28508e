"""Ports for servers of the tests: none that the system gives to anybody's connection, other ones in each process."""

import contextlib
import itertools
import os
import re
import socket

_EACH = 2_400
_WORKER = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
_FIRST = 20_000 + _WORKER % 5 * _EACH
_TURN = os.getpid() % _EACH  # two sessions at once seldom begin at the same one
_PORTS = itertools.cycle([_FIRST + (_TURN + number) % _EACH for number in range(_EACH)])


def free_port() -> int:
    """A port nobody listens on now."""
    while True:
        port = next(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
