"""Decisions without a gateway: what a handler may look at, built by hand, and what it asked for, made readable."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from gateway import texts
from gateway.ids import is_number
from gateway.model import Inbound, Medium, Person, Report, Reporter, Risk, Status
from gateway.office import Office
from gateway.office_file import parse
from gateway.rota import Rota
from handlers import decide
from handlers.effects import Effect, Fresh, Keep, OpenReport, RememberReporter, Say, Situation, Tell
from tests.harness import OFFICE

E = TypeVar("E")

NOW = int(datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("Asia/Jakarta")).timestamp() * 1000)  # a Wednesday
MINUTE, HOUR = 60_000, 3_600_000
JUWANA, TAYU = "33.18.08", "33.18.19"


def office_with(*lines: str) -> Office:
    """The office of the stories, with some more lines under [office]."""
    return parse(OFFICE.replace('emergency = "110"', "\n".join(['emergency = "110"', *lines])))


PATI = office_with()
ASKING = office_with('greeting = "asking"')


def numbered(body: str) -> str:
    """Six digits made a report number."""
    return next(body + digit for digit in "0123456789" if is_number(body + digit))


NUMBER, OTHER = numbered("482193"), numbered("573001")
ANI = Person(1, "ani", "Ani", "piket", ("id",), (), "+6281100000101", "100000101")
BUDI = Person(2, "budi", "Budi", "koordinator", ("id",), (), "+6281100000102", "100000102")
KEPALA = Person(3, "kepala", "Bu Kepala", "kepala_uptd", ("id",), (), "+6281100000103", "")
CITRA = Person(4, "citra", "Citra", "mitra", ("id",), (TAYU,), "", "100000104")
EVERYBODY = {person.ref: person for person in (ANI, BUDI, KEPALA, CITRA)}
SARI = Reporter(11, "africastalking", Medium.SMS, "+6281100000001", "id")
DEWI = Reporter(12, "telegram", Medium.CHAT, "100000201", "id")


def scene(who: Reporter | None = SARI, office: Office = PATI, **looks: object) -> Situation:
    """What there is to look at when somebody writes."""
    base = Situation(NOW, office, Rota(office), Fresh(21, NUMBER), EVERYBODY, who)
    known = {reporter.id: reporter for reporter in (SARI, DEWI, who) if reporter}
    return replace(base, reporters=known, **looks)  # type: ignore[arg-type]


def report(**facts: object) -> Report:
    """Sari's report from Juwana of ten minutes ago, which nobody has taken."""
    before = NOW - 10 * MINUTE
    plain = Report(
        21, NUMBER, SARI.id, Risk.MEDIUM, Status.NEW, before, JUWANA, waiting_since=before, last_in_at=before
    )
    usual: dict[str, object] = {"due_at": NOW + 50 * MINUTE, "legal_at": before + 48 * HOUR, "rung": 1, "messages": 1}
    return replace(plain, **(usual | facts))  # type: ignore[arg-type]


def taken(by: Person = ANI, **facts: object) -> Report:
    return report(**({"status": Status.TAKEN, "owner_id": by.id, "seen_at": NOW - MINUTE} | facts))


def sms(text: str, **more: object) -> Inbound:
    base = Inbound("africastalking", Medium.SMS, SARI.address, text, ref="x", facts={"sender": "number"})
    return replace(base, **more)  # type: ignore[arg-type]


def chat(text: str = "", **more: object) -> Inbound:
    return replace(Inbound("telegram", Medium.CHAT, DEWI.address, text, ref="7"), **more)  # type: ignore[arg-type]


def texting(text: str, **looks: object) -> list[Effect]:
    """Sari sends an SMS."""
    return decide(scene(**looks), sms(text))  # type: ignore[arg-type]


def of(kind: type[E], effects: Iterable[object]) -> list[E]:
    return [effect for effect in effects if isinstance(effect, kind)]


def opened(effects: Iterable[Effect]) -> Report:
    """The one report that was opened, as it is at the end."""
    found = of(OpenReport, effects)
    assert len(found) == 1, f"{len(found)} reports were opened"
    return latest(effects, found[0].report)


def latest(effects: Iterable[Effect], report: Report) -> Report:
    """A report as the effects leave it."""
    return next((keep.report for keep in reversed(of(Keep, effects)) if keep.report.id == report.id), report)


def answers(effects: Iterable[Effect], language: str = "") -> list[str]:
    """What the reporter reads."""
    return [
        say.words if isinstance(say.words, str) else texts.render(say.words, language or say.reporter.language)
        for say in of(Say, effects)
    ]


def called(effects: Iterable[Effect]) -> list[str]:
    """Who of the office is pinged, by their id in the office file."""
    return [tell.person.ref for tell in of(Tell, effects) if tell.kind == "ping"]


def in_chat(tell: Tell) -> str:
    return tell.chat if isinstance(tell.chat, str) else texts.render(tell.chat, "id")


def by_sms(tell: Tell) -> str:
    return tell.sms if isinstance(tell.sms, str) else texts.render(tell.sms, "id")


def told(effects: Iterable[Effect]) -> str:
    """Everything people of the office are shown, by any way."""
    return "\n".join(f"{in_chat(tell)}\n{by_sms(tell)}" for tell in of(Tell, effects))


def remembered(effects: list[Effect]) -> Reporter:
    """The reporter as the effects leave them."""
    return of(RememberReporter, effects)[-1].reporter
