"""What became of our own sending and watching comes in through the inbox, too, so that handlers decide on it."""

import json
from dataclasses import asdict

from gateway.model import Arrival, Outcome

OWN_CHANNEL = "kentongan"


def arrival(outcome: Outcome, key: str) -> Arrival:
    """An outcome as an inbox arrival; `key` makes it one event however often it is reported."""
    return Arrival(OWN_CHANNEL, key, json.dumps(asdict(outcome)).encode())


def parse(payload: bytes) -> Outcome:
    """The opposite of `arrival`."""
    return Outcome(**json.loads(payload))
