"""How much one sender may write before staff hear of it only now and then. All of it is kept, whoever writes it."""

from dataclasses import replace

from gateway import clock
from gateway.model import Reporter

ONE = 3 * clock.MINUTE  # what a message takes of the budget; it comes back with time
ROOM = clock.HOUR  # twenty messages at once
MOST = 2 * clock.HOUR  # nobody is slow for longer than this minus ROOM after their last message
DIGEST_EVERY = clock.HOUR


def wrote(who: Reporter, now: int) -> Reporter:
    """The sender after one more message."""
    since = max(now, min(who.busy_until, now + MOST))  # a clock that was wrong holds nobody back
    return replace(who, busy_until=min(since + ONE, now + MOST))


def is_slow(who: Reporter, now: int) -> bool:
    """Whether a sender has written more than staff can be called about one by one."""
    return who.busy_until - now > ROOM


def digest_due(who: Reporter, now: int) -> bool:
    """Whether staff should hear now how it stands with a sender in the slow lane."""
    return not 0 <= now - who.digested_at < DIGEST_EVERY
