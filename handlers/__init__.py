"""What we decide. Plain functions of values: no await, no clock, no randomness, no network, no database."""

from handlers.decide import decide

__all__ = ["decide"]
