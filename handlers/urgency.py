"""shim"""

from dataclasses import dataclass

from gateway.model import Risk
from handlers import keywords


@dataclass(frozen=True, slots=True)
class Judged:
    risk: Risk
    kinds: tuple[str, ...] = ()
    child: bool = False
    why: tuple[str, ...] = ()


def judge(text: str, language: str = "") -> Judged:
    return Judged(keywords.risk_of(text))
