"""A whole office as its file describes it: who belongs to it, which ladder a report climbs, what time it is there."""

from collections.abc import Collection
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from gateway import clock, gazetteer, regions
from gateway.gazetteer import Gazetteer
from gateway.model import Risk
from gateway.office_hours import WorkingHours
from gateway.office_parts import Area, Clocks, Drill, Duty, Ladder, Member, Part, Route, Season, Sms, Unit, Watch

fold = regions.fold  # how places are compared

DEPUTIES = ("koordinator", "kepala_uptd", "kabid", "kasi", "kepala_dinas", "piket")  # whom alarms reach, best first


class Office(Part):
    """A whole office. Built by `parse`, which has checked that every name it mentions exists."""

    office: Unit
    area: tuple[Area, ...] = ()
    person: tuple[Member, ...] = Field(min_length=1)
    duty: tuple[Duty, ...] = ()
    hours: dict[str, object] = Field(default_factory=dict)
    season: tuple[Season, ...] = ()
    ladder: dict[str, Ladder]
    route: tuple[Route, ...] = ()
    clocks: Clocks = Clocks()
    watch: Watch = Watch()
    sms: Sms = Sms()
    drill: Drill | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_all_areas(cls, data: object) -> object:
        """With `areas = "all"`: adds the kecamatan of the office's code that no [[area]] names."""
        if not isinstance(data, dict):
            return data
        unit, listed = data.get("office"), data.get("area", [])
        if not isinstance(unit, dict) or unit.get("areas") != "all" or not isinstance(listed, list):
            return data
        known = {area.get("code") for area in listed if isinstance(area, dict)}
        others = [{"code": code} for code, _ in regions.kecamatan(str(unit.get("code", ""))) if code not in known]
        return {**data, "area": [*listed, *others]}

    @property
    def code(self) -> str:
        """The office's region code; every row carries it."""
        return self.office.code

    @cached_property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.office.timezone)

    def local(self, now: int) -> datetime:
        """An instant (ms, UTC) on the office's clock."""
        return clock.local(now, self.zone)

    def said(self, now: int) -> str:
        """An instant as staff read it: "23/11 14.05 WIB"."""
        local = self.local(now)
        return f"{local:%d/%m %H.%M} {local.tzname()}"

    def midnight(self, day: date) -> int:
        """The instant (ms, UTC) at which a day begins."""
        return self.instant(day, 0)

    def instant(self, day: date, minute: int) -> int:
        """The instant (ms, UTC) of a minute of a day."""
        return clock.minute_of(day, minute, self.zone)

    def area_name(self, code: str) -> str:
        """The kecamatan's name, or "?" when the report has none yet."""
        return next((area.name for area in self.area if area.code == code), "?")

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(folded name or alias, area code), longest first, so that the longest match wins."""
        names = [(fold(name), area.code) for area in self.area for name in (area.name, *area.aliases)]
        return tuple(sorted(names, key=lambda pair: -len(pair[0])))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The office's places and the country's, ready to be looked for in a text."""
        return gazetteer.build(self.code, ((a.code, a.name, a.aliases, a.villages) for a in self.area))

    def ladder_for(self, risk: Risk, name: str = "") -> Ladder:
        """The ladder of a name; without one that is there, the risk's, or the next stricter one's."""
        if name in self.ladder:
            return self.ladder[name]
        order = [Risk.LOW, Risk.MEDIUM, Risk.HIGH]
        return next(self.ladder[r] for r in order[order.index(risk) :] if r in self.ladder)

    def ladder_name(self, risk: Risk, area: str, kinds: Collection[str], now: int) -> str:
        """Which ladder a climb takes that begins now: the first [[route]] that fits, "" for the risk's own."""
        if not self.route:
            return ""
        local = self.local(now)
        return next((route.ladder for route in self.route if route.fits(risk, area, kinds, local)), "")

    def serves(self, person: str, area: str) -> bool:
        """Whether somebody (id of this file) works in an area; who names none works in all."""
        member = self.members.get(person)
        return member is not None and (not member.areas or not area or area in member.areas)

    @cached_property
    def members(self) -> dict[str, Member]:
        """Everybody by id."""
        return {member.id: member for member in self.person}

    @cached_property
    def working(self) -> WorkingHours:
        """When the office works."""
        return WorkingHours(self.zone, self.hours, self.season)

    def later(self, start: int, wait: int, kind: str) -> int:
        """`start` + `wait` ms, on the wall clock ("always") or counting office hours only ("office-hours")."""
        return start + wait if kind == "always" else self.working.later(start, wait)

    def deputies(self) -> tuple[str, ...]:
        """Whom an alarm about the system itself reaches: the first of DEPUTIES that somebody holds."""
        for role in DEPUTIES:
            if ids := tuple(member.id for member in self.person if member.role == role):
                return ids
        return (self.person[0].id,)
