"""Everything that may go wrong on purpose. No text here ever holds a body, a name or an address."""

import os


def speaks_indonesian() -> bool:
    """Whether the operator's environment (LC_ALL, LC_MESSAGES, LANG) asks for Indonesian."""
    chosen = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return chosen.lower().startswith(("id", "in_"))


class KentonganError(Exception):
    """Root of our errors. Carries one sentence for the operator in English and in Indonesian."""

    def __init__(self, english: str, indonesian: str = "") -> None:
        super().__init__(english)
        self.english = english
        self.indonesian = indonesian or english

    @property
    def sentence(self) -> str:
        """The sentence in the operator's language: what happened, why, what to do now."""
        return self.indonesian if speaks_indonesian() else self.english


class RefusesToStart(KentonganError):
    """Unsafe or wrong configuration: exit code 78 (EX_CONFIG of sysexits.h)."""


class Failed(KentonganError):
    """The thing asked for could not be done: exit code 1."""


class StoreUnavailable(KentonganError):
    """The database cannot take this write now (locked, full, unreachable). Nothing was half done; try again."""


class StoreConflict(KentonganError):
    """The rows changed under us (somebody was first, or a key is taken). Nothing was half done; decide again."""


class Unreadable(KentonganError):
    """A sealed value does not open: wrong key, wrong place, or changed bytes."""


class NotAMessage(KentonganError):
    """A provider's call that can never become a message: answered 400 with the sentence."""


class NotForUs(KentonganError):
    """A call without the right secret: answered like any unknown path."""
