"""Who would be called when about a report that does not exist: the real ladder, climbed ahead of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from gateway import clock, reaching
from gateway.errors import Failed
from gateway.model import Event, Medium, Person, Report, Risk, Status
from gateway.office import Office
from gateway.office_values import DAYS, time_of_day
from gateway.rota import Rota
from handlers.effects import Fresh, Log, Situation, Tell
from handlers.escalation import climb

MOST = 500  # calls of one rehearsal


@dataclass(frozen=True, slots=True)
class Trial:
    """A report to be tried: what is known of it, and when it would come in (ms UTC)."""

    risk: Risk
    at: int
    area: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One person called at one step (from 1; 0: the ladder is over and repeats); `round`: how often it was climbed."""

    at: int
    step: int
    round: int
    person: str
    ways: tuple[tuple[Medium, int], ...]  # each with its instant, when nobody has looked until then


def rehearse(office: Office, rota: Rota, people: Mapping[str, Person], trial: Trial, until: int) -> Iterator[Call]:
    """The calls until an instant when nobody ever answers, in order."""
    report = Report(
        id=1,
        number="0000000",
        reporter_id=0,
        risk=trial.risk,
        status=Status.NEW,
        opened_at=trial.at,
        area=trial.area,
        kinds=trial.kinds,
        waiting_since=trial.at,
        last_in_at=trial.at,
        due_at=trial.at,
    )
    made = 0
    while report.due_at <= until and made < MOST:
        now, turn = report.due_at, report.round
        report, effects = climb(Situation(now, office, rota, Fresh(0, ""), people), report)
        climbed = next(effect for effect in effects if isinstance(effect, Log) and effect.kind is Event.CLIMBED)
        rung = int(climbed.detail["rung"])
        step = rung + 1 if rung < len(office.ladder_for(report.risk, report.ladder).steps) else 0
        for effect in effects:
            if isinstance(effect, Tell) and effect.kind == "ping":
                yield Call(now, step, turn, effect.person.ref, _ways(office, effect.person, trial.risk, now))
        made += max(1, len(effects))


def _ways(office: Office, person: Person, risk: Risk, now: int) -> tuple[tuple[Medium, int], ...]:
    chat, sms = bool(person.telegram and person.chat_works), bool(person.phone)
    usable = [medium for medium, works in ((Medium.CHAT, chat), (Medium.SMS, sms)) if works]
    begin = reaching.awake(office, person, risk, now)
    found = reaching.ways(person, risk, usable, begin) if usable else []
    return tuple((medium, reaching.awake(office, person, risk, at)) for medium, at in found)


def people_of(office: Office) -> dict[str, Person]:
    """Everybody of an office file as it describes them, without what they did since."""
    return {
        member.id: Person(
            id=number,
            ref=member.id,
            name=member.name,
            role=member.role,
            languages=member.languages or office.office.languages,
            areas=member.areas,
            phone=member.phone or "",
            telegram=str(member.telegram or ""),
            reach=tuple((way.by, way.after) for way in member.reach),
            quiet=member.quiet,
        )
        for number, member in enumerate(office.person, start=1)
    }


def moment(office: Office, text: str, now: int) -> int:
    """ "Sat 23:10", "23:10" (the next such moment) or "2026-12-25 23:10", on the office's clock. Raises ValueError."""
    day_text, _, time_text = text.strip().rpartition(" ")
    minute = time_of_day(time_text)
    today = office.local(now).date()
    weekday = day_text.strip()[:3].casefold()
    if day_text and weekday not in DAYS:
        return office.instant(date.fromisoformat(day_text.strip()), minute)
    days = (today + timedelta(days=ahead) for ahead in range(8))
    fits = (office.instant(day, minute) for day in days if not day_text or DAYS[day.weekday()] == weekday)
    return next(at for at in fits if at >= now - now % clock.MINUTE)


def moment_asked(office: Office, text: str, now: int) -> int:
    """`moment` for a command line. Raises Failed with the accepted forms."""
    try:
        return moment(office, text, now)
    except ValueError:
        raise Failed(
            f'"{text}" is no moment: write "Sat 23:10", "23:10" or "2026-12-25 23:10".',
            f'"{text}" bukan waktu: tulis "Sat 23:10", "23:10" atau "2026-12-25 23:10".',
        ) from None
