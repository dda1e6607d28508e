"""office.toml: every mistake with its line and a way out, who is on duty when, and what the office's clock says."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway import clock, office_checks
from gateway.channels import CHANNELS
from gateway.desk import checked, other_addresses
from gateway.model import Risk
from gateway.office import Office, fold
from gateway.office_file import OfficeInvalid, in_force, parse
from gateway.office_values import duration
from gateway.rota import Rota
from tests.harness import OFFICE

ROOT = Path(__file__).resolve().parent.parent
HOURS = '[hours]\nmon-thu = "07:30-16:00"\nfri = "07:30-14:30"\nholidays = "ID"\n'
JAKARTA = ZoneInfo("Asia/Jakarta")


def at(text: str, zone: ZoneInfo = JAKARTA) -> int:
    """An instant from the office's wall, such as "2026-11-23 07:30"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def wrong(text: str) -> list[tuple[str, str]]:
    """(the text of the line complained about, the complaint) for every problem of an office file."""
    with pytest.raises(OfficeInvalid) as invalid:
        checked(text)
    lines = text.splitlines()
    return [(lines[problem.line - 1].strip(), str(problem)) for problem in invalid.value.problems]


def test_the_example_office_is_good() -> None:
    assert checked((ROOT / "office.example.toml").read_text(encoding="utf-8")).code == "33.18"


# what is written in the good file, what stands there instead, the line complained about, words of the complaint
MISTAKES = [
    ('people = ["ani"]', 'people = ["anni"]', 'people = ["anni"]', ['"anni"', "did you mean ani"]),
    ('people = ["ani"]', 'people = ["dewi"]', 'people = ["dewi"]', ['"dewi"', "add a [[person]]"]),
    (
        '"role:kepala_uptd"] },\n]\nrepeat = "30m"',
        '"person:budy"] },\n]\nrepeat = "30m"',
        "budy",
        ["did you mean budi"],
    ),
    ('after = "0s",  notify', 'after = "1m",  notify', 'after = "1m"', ["gap in the ladder", '"0s"']),
    ('after = "30m", notify', 'after = "5m", notify', 'after = "5m"', ["gap in the ladder", "order the steps"]),
    ('["role:kepala_uptd"]', '["role:kabid"]', "role:kabid", ["gap in the ladder", "kabid"]),
    ('["role:kepala_uptd"]', '["kepala"]', '["kepala"]', ['"kepala"', '"role:<role>"']),
    ('["role:kepala_uptd"]', "[]", "notify = []", ["notify"]),
    ('after = "10m"', 'after = "10 menit"', "10 menit", ["no duration", '"10m"']),
    ('repeat = "30m"', 'repeat = "soon"', 'repeat = "soon"', ["no duration", '"30s"']),
    ('repeat = "30m"', 'repeat = "1s"', 'repeat = "1s"', ["all the time", '"1m"']),
    ('repeat = "30m"', 'repeat = "30d"', 'repeat = "30d"', ["without a call", "a day"]),
    ('seen_expires = "20m"', 'seen_expires = "20d"', 'seen_expires = "20d"', ["without a call", "a day"]),
    ('repeat = "30m"', 'repeat = "30m"\nclock = "office-hours"', "office-hours", ["does not wait", '"always"']),
    ('repeat = "30m"', 'repeat = "0m"', 'repeat = "0m"', ["longer than nothing", '"30m"']),
    ('seen_expires = "20m"', 'seen_expires = "-20m"', 'seen_expires = "-20m"', ["no duration"]),
    ('code = "33.18.10"', 'code = "33.18.08"', "[[area]]", ["areas overlap", "33.18.08", "line "]),
    ('name = "Tayu"', 'name = "JWN"', "[[area]]", ["areas overlap", '"jwn"']),
    ('name = "Tayu"', 'name = "Juwana "', "[[area]]", ["areas overlap", '"juwana"']),
    ('areas = ["33.18.19"]', 'areas = ["33.18.91"]', 'areas = ["33.18.91"]', ['no area "33.18.91"', "did you mean"]),
    ('role = "mitra"', 'role = "mitre"', 'role = "mitre"', ['no role "mitre"', "did you mean mitra"]),
    ('id = "citra"', 'id = "budi"', "[[person]]", ["two people have one id"]),
    ("telegram = 100000104", "telegram = 100000101", "[[person]]", ["two people have one telegram"]),
    ('phone = "+6281100000103"', 'phone = "0811 0000 0101"', "[[person]]", ["two people have one phone"]),
    ('phone = "+6281100000103"', 'phone = "rumah"', 'phone = "rumah"', ["no telephone number", "+628"]),
    ('phone = "+6281100000103"', 'fone = "+6281100000103"', "fone", ["not known here", "did you mean phone"]),
    ('timezone = "Asia/Jakarta"', 'timezone = "Asia/Pati"', "Asia/Pati", ["no time zone", "Asia/Jakarta"]),
    ('languages = ["id", "jv", "su"]', 'languages = ["id", "jw"]', '["id", "jw"]', ['no language "jw"', "known: "]),
    ('emergency = "110"', 'emergency = "satu satu nol"', "satu satu nol", ["emergency"]),
    ('emergency = "110"', 'greeting = "loud"', 'greeting = "loud"', ["greeting", "discreet"]),
    ('from = "00:00"', 'from = "25:00"', 'from = "25:00"', ["no time of day", '"07:30"']),
    ('until = "24:00"', 'until = "pagi"', 'until = "pagi"', ["no time of day"]),
    ('until = "24:00"', "", "[[duty]]", ["until", "missing"]),
    ("[ladder.high]", "[ladder.low]", "", ["no ladder for high risk", "[ladder.high]"]),
    ('code = "33.18"\n', "", "[office]", ["code", "missing"]),
    ('timezone = "Asia/Jakarta"', 'timezone = "Asia/Jakrta"', "Asia/Jakrta", ["did you mean Asia/Jakarta?"]),
    ('timezone = "Asia/Jakarta"', 'timezone = "WITA"', "WITA", ["did you mean Asia/Makassar?"]),
    ('rotate = "weekly"', 'rotate = "yearly"', 'rotate = "yearly"', ["no rotation", '"8h"']),
    ('rotate = "weekly"', 'rotate = "0h"', 'rotate = "0h"', ["no rotation"]),
    ('rotate = "weekly"', "since = 2026-11-23", "since = 2026-11-23", ["has none", "add rotate"]),
    ('rotate = "weekly"', "layer = 0", "layer = 0", ["layer", "greater than or equal to 1"]),
    ('rotate = "weekly"', "layer = 2", "[[duty]]", ["gap in the rota", "mon 00:00"]),
    (
        'until = "24:00"',
        'until = "23:00"',
        "[[duty]]",
        ["gap in the rota", "mon 23:00 - tue 00:00, and 6 more", "duty_gaps"],
    ),
    ('["duty", "role:koordinator"]', '["duty:2"]', "duty:2", ['no layer "2"', 'write "duty:1"', "layer = 2"]),
    ('["duty", "role:koordinator"]', '["duty:dua"]', "duty:dua", ['no layer "dua"']),
    ('["duty", "role:koordinator"]', '["role:kordinator"]', "kordinator", ["no role", "did you mean koordinator?"]),
    ('["duty", "role:koordinator"]', '["area:33.18.91"]', "33.18.91", ["no area", "did you mean 33.18.19?"]),
    ('["duty", "role:koordinator"]', '["area:Tayu"]', "area:Tayu", ["no area", '"33.18.19"']),
    ('["duty", "role:koordinator"]', '["area:33.18.08"]', "33.18.08", ["nobody has the area"]),
    ('["duty", "role:koordinator"]', '["office:parent"]', "office:parent", ['nobody has the role "induk"']),
    (
        'notify = ["duty", "role:koordinator"]',
        'notify = ["person:ani", "person:budi"], mode = "in-turn", times = 3, every = "4m"',
        "in-turn",
        ["6 calls of this step are not over", 'after = "34m"'],
    ),
    (
        'notify = ["duty", "role:koordinator"]',
        'notify = ["role:koordinator"], times = 2, every = "0m"',
        "every",
        ["every must be longer than nothing"],
    ),
    ('notify = ["duty", "role:koordinator"]', 'notify = ["duty"], times = 0', "times = 0", ["times"]),
    ("[ladder.medium]", "[ladder.medum]", "[ladder.medum]", ["leads to the ladder", "did you mean medium?"]),
]

# what is added to the good file, the line complained about, words of the complaint
ADDITIONS = [
    ('[[route]]\nladder = "anak"', 'ladder = "anak"', ['no ladder "anak"', "known: high, medium"]),
    ('[[route]]\nladder = "hihg"', 'ladder = "hihg"', ["did you mean high?"]),
    ('[[route]]\nladder = "high"\narea = ["33.18.91"]', 'area = ["33.18.91"]', ["no area", "did you mean 33.18.19?"]),
    (
        '[[route]]\nladder = "high"\nkind = ["sexual"]',
        'kind = ["sexual"]',
        ["no kind of case", "did you mean seksual?"],
    ),
    ('[[route]]\nladder = "high"\nrisk = ["tinggi"]', 'risk = ["tinggi"]', ["route.0.risk", "'high'"]),
    ('[[route]]\nladder = "high"\ndays = ["senin"]', 'days = ["senin"]', ["no weekday"]),
    ('[[route]]\nladder = "high"\nhours = "21:00-21:00"', "hours =", ["the whole day"]),
    ('[[route]]\nlader = "high"', "lader", ["not known here", "did you mean ladder"]),
    (
        '[ladder.sunyi]\nsteps = [{ after = "0s", notify = ["person:diam"] }]\n[[route]]\nladder = "sunyi"\n'
        '[[person]]\nid = "diam"\nname = "Diam"\nrole = "satgas"',
        "[ladder.sunyi]",
        ["nobody whom the ladder", "has a phone"],
    ),
    ('[clocks]\nlegal = ["66h", "48h"]', "legal", ["out of order", '["48h", "66h"]']),
    ('[clocks]\nlegal = ["80h"]', "legal", ["within its 3 x 24 hours"]),
    ('[clocks]\noffer = "0m"', "offer", ["longer than nothing"]),
    ("[clocks]\nreview = 0", "review = 0", ["clocks.review"]),
    ('[watch]\nsilence = { telegrm = "6h" }', "silence", ['no channel "telegrm"', "did you mean telegram?"]),
    ('[watch]\nsilence = { telegram = "0h" }', "silence", ["longer than nothing"]),
    ("[sms]\nprice = -1", "price", ["greater than or equal to 0"]),
    ('[sms]\nprice = "dua ratus"', "price", ["valid integer"]),
    ("[sms]\nprise = 210", "prise", ["did you mean price?"]),
    ('[drill]\nday = "rabu"\nat = "10:00"', 'day = "rabu"', ["no weekday", "wed"]),
    ('[drill]\nday = "wed"\nat = "10:75"', 'at = "10:75"', ["no time of day"]),
    (
        '[[season]]\nfirst = 2027-03-10\nlast = 2027-02-08\nhours = {}\n[hours]\nmon = "07:30-16:00"',
        "last = 2027-02-08",
        ["ends before it begins"],
    ),
    (
        '[hours]\nmon = "07:30-16:00"\n[[season]]\nfirst = 2027-02-08\nlast = 2027-03-10\nhours = {}\n'
        "[[season]]\nfirst = 2027-03-10\nlast = 2027-03-11\nhours = {}",
        "[[season]]",
        ["seasons overlap"],
    ),
    (
        '[hours]\nmon = "07:30-16:00"\n[[season]]\nfirst = 2027-02-08\nlast = 2027-03-10\n'
        'hours = { mon = "15:00-08:00" }',
        "hours =",
        ["season.hours.mon", "ends before it begins"],
    ),
    ("[[season]]\nfirst = 2027-02-08\nlast = 2027-03-10\nhours = {}", "[[season]]", ["add [hours]"]),
]

PERSON = '[[person]]\nid = "eka"\nname = "Eka"\nrole = "satgas"\n'
REACH = [
    ('phone = "+6281100000105"\nreach = [{ by = "wa" }]', "reach", ["reach", "'telegram' or 'sms'"]),
    ('reach = [{ by = "sms" }]', "reach", ["needs a phone"]),
    ('phone = "+6281100000105"\nreach = [{ by = "sms" }, { by = "sms", after = "3m" }]', "reach", ["stands twice"]),
    ('phone = "+6281100000105"\nreach = [{ by = "sms", after = "3m" }]', "reach", ["before the first way"]),
    (
        'phone = "+6281100000105"\nreach = [{ by = "sms" }, { by = "telegram", after = "-3m" }]',
        "reach",
        ["no duration"],
    ),
    ('quiet = "21:00-21:00"', "quiet", ["the whole day", '"21:00-05:00"']),
    ('quiet = "malam"', "quiet", ["no span of hours"]),
]


@pytest.mark.parametrize(("added", "line", "words"), ADDITIONS, ids=[text[-40:] for text, _, _ in ADDITIONS])
def test_a_mistake_in_what_is_added_is_named(added: str, line: str, words: list[str]) -> None:
    found = wrong(f"{OFFICE}\n{added}\n")
    assert any(line in there and all(word in said for word in words) for there, said in found), found


@pytest.mark.parametrize(("facts", "line", "words"), REACH, ids=[text[:40] for text, _, _ in REACH])
def test_a_mistake_in_how_a_person_is_reached_is_named(facts: str, line: str, words: list[str]) -> None:
    found = wrong(f"{OFFICE}\n{PERSON}{facts}\n")
    assert any(line in there and all(word in said for word in words) for there, said in found), found


def test_hours_without_duty_are_good_where_somebody_else_is_called_first_or_they_are_meant() -> None:
    by_day = OFFICE.replace('until = "24:00"', 'until = "16:00"')
    beside = by_day.replace('after = "0s",  notify = ["duty"]', 'after = "0s", notify = ["duty", "role:koordinator"]')
    patient = beside.replace('repeat = "2h"', 'repeat = "2h"\nclock = "office-hours"')
    assert checked(patient).office.duty_gaps is False and checked(with_gaps(by_day)).office.duty_gaps is True
    assert any("gap in the rota" in said and '"medium"' in said for _, said in wrong(beside))


def test_what_is_in_force_stays_so_when_a_later_version_asks_for_more() -> None:
    by_day = OFFICE.replace('until = "24:00"', 'until = "16:00"')
    assert any("gap in the rota" in said for _, said in wrong(by_day))
    assert in_force(by_day).code == "33.18"
    with pytest.raises(OfficeInvalid):
        in_force(by_day.replace("[office]", "[offise]"))


def test_the_channels_of_a_silence_are_those_there_are() -> None:
    assert set(office_checks.CHANNELS) == set(CHANNELS)


@pytest.mark.parametrize(
    ("good", "bad", "line", "words"), MISTAKES, ids=[bad.strip()[:30] for _, bad, _, _ in MISTAKES]
)
def test_a_mistake_is_named_with_its_line_and_a_way_out(good: str, bad: str, line: str, words: list[str]) -> None:
    assert good in OFFICE
    found = wrong(OFFICE.replace(good, bad, 1))
    assert any(line in there and all(word in said for word in words) for there, said in found), found


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ('mon = "16:00-07:30"', "ends before it begins"),
        ('mon = "07:30"', "no span of hours"),
        ('senin = "07:30-16:00"', "no weekday"),
        ('holidays = "MY"', "no calendar"),
        ('add = "2026-12-24"', "no list of dates"),
        ('add = ["besok"]', "hours.add"),
        ("known = 2027", "no list of years"),
        ('known = ["2027"]', "no list of years"),
    ],
)
def test_wrong_office_hours_are_named_with_their_line(hours: str, words: str) -> None:
    [(line, said)] = wrong(f"{OFFICE}\n[hours]\n{hours}\n")
    assert line == hours and words in said


def test_all_mistakes_come_at_once() -> None:
    text = OFFICE
    for good, bad in (
        ('people = ["ani"]', 'people = ["anni"]'),
        ('after = "30m"', 'after = "5m"'),
        ('name = "Tayu"', 'name = "Pati"'),
        ('repeat = "2h"', 'repeat = "0h"'),
        ('role = "mitra"', 'role = "teman"'),
    ):
        text = text.replace(good, bad, 1)
    assert len(wrong(text)) == 5


def test_mistakes_of_shape_do_not_hide_mistakes_of_names_or_ladders() -> None:
    """The acceptance row's four at once: unknown person, gap in the ladder, overlapping areas, bad duration."""
    text = OFFICE
    for good, bad in (
        ('people = ["ani"]', 'people = ["anni"]'),
        ('after = "30m"', 'after = "5m"'),
        ('name = "Tayu"', 'name = "Pati"'),
        ('repeat = "2h"', 'repeat = "nanti"'),
    ):
        text = text.replace(good, bad, 1)
    said = " ".join(complaint for _, complaint in wrong(text))
    for words in ("anni", "nanti", "gap in the ladder", "areas overlap"):
        assert words in said


AREA = 'code = "33.18.19"\nname = "Tayu"'


def test_an_area_without_a_name_has_the_official_one() -> None:
    assert parse(OFFICE.replace(AREA, 'code = "33.18.19"')).area_name("33.18.19") == "Tayu"
    [(line, said)] = wrong(OFFICE.replace(AREA, 'code = "99.18.19"').replace('areas = ["33.18.19"]', "areas = []"))
    assert line == "[[area]]" and "name is missing" in said


def test_all_kecamatan_of_the_code_count_when_the_file_says_so() -> None:
    everything = OFFICE.replace('code = "33.18"', 'code = "33.18"\nareas = "all"', 1)
    office = parse(everything)
    assert len(office.area) == 21 and office.area[0].aliases == ("jwn",) and office.area_name("33.18.02") == "Kayen"
    assert len(parse(OFFICE).area) == 3
    [(line, said)] = wrong(everything.replace('code = "33.18"', 'code = "99.99"', 1))
    assert line == 'areas = "all"' and "no kecamatan of 99.99 are known" in said


def test_a_code_and_the_name_of_another_kecamatan_do_not_go_together() -> None:
    lines = OFFICE.replace(AREA, 'code = "33.18.19"\nname = "Kayen"')
    assert wrong(lines) == [
        (
            'code = "33.18.19"',
            f"line {lines[: lines.index('33.18.19')].count(chr(10)) + 1}: 33.18.19 is Tayu, and Kayen is 33.18.02 "
            "→ give the area its own code, or its own name",
        )
    ]


def test_villages_stand_once_in_an_area_and_may_stand_in_two() -> None:
    listed = OFFICE.replace(AREA, AREA + '\nvillages = ["Sambiroto", "Jepat Lor = jepat, japat"]')
    shared = listed.replace('name = "Pati"', 'name = "Pati"\nvillages = ["Sambiroto"]')
    assert parse(shared).area[2].villages[1] == "Jepat Lor = jepat, japat"
    assert parse(shared).gazetteer.own["sambiroto"][1].code == "33.18.19"
    for bad, complaint in (
        ('"Sambiroto", "sambiroto"', '"sambiroto" stands twice among the villages of Tayu'),
        ('"Sambiroto = jepat", "Jepat"', '"jepat" stands twice'),
        ('"Sambiroto", "!"', "names no village"),
    ):
        [(line, said)] = wrong(OFFICE.replace(AREA, f"{AREA}\nvillages = [{bad}]"))
        assert line == f"villages = [{bad}]" and complaint in said


def test_what_is_no_toml_is_named_with_its_line() -> None:
    [(line, said)] = wrong(OFFICE.replace('name = "Juwana"', "name = Juwana"))
    assert line == "name = Juwana" and "TOML" in said


@pytest.mark.parametrize("text", ["", "x = 1", "person = 3\noffice = 4", "[[ladder]]", "[ladder]\nhigh = 1"])
def test_any_text_gets_an_answer_and_no_crash(text: str) -> None:
    with pytest.raises(OfficeInvalid):
        checked(text)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("0s", 0), ("3s", 3_000), ("10m", 600_000), ("6h", 21_600_000), ("3d", 259_200_000), (" 5m ", 300_000)],
)
def test_durations(text: str, milliseconds: int) -> None:
    assert duration(text) == milliseconds


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5w", "1.5h", 5, None])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


def with_gaps(text: str) -> str:
    """The office in which hours without anybody on duty are meant."""
    return text.replace("[office]\n", "[office]\nduty_gaps = true\n", 1)


def night_office(rotate: str = "weekly", days: str = '["mon","tue","wed","thu","fri","sat","sun"]') -> Office:
    """Ani and Budi share the nights; by day Bu Kepala answers herself."""
    duty = OFFICE[OFFICE.index("[[duty]]") : OFFICE.index("[ladder.high]")]
    shifts = (
        f'[[duty]]\nname = "malam"\ndays = {days}\nfrom = "18:00"\nuntil = "07:00"\n'
        f'people = ["ani", "budi"]\nrotate = "{rotate}"\n\n'
        '[[duty]]\nname = "siang"\nfrom = "07:00"\nuntil = "18:00"\npeople = ["kepala"]\n\n'
    )
    return parse(with_gaps(OFFICE.replace(duty, shifts)))


def test_at_night_and_past_midnight_the_same_person_is_on() -> None:
    office = night_office()
    evening, night = Rota(office).on_duty(at("2026-11-25 18:00")), Rota(office).on_duty(at("2026-11-26 06:59"))
    assert evening == night == Rota(office).on_duty(at("2026-11-26 00:00")) != ("kepala",)
    assert Rota(office).on_duty(at("2026-11-25 17:59")) == Rota(office).on_duty(at("2026-11-26 07:00")) == ("kepala",)


def test_weeks_change_on_monday_evening_and_not_in_the_middle_of_a_night() -> None:
    office = night_office()
    sunday = Rota(office).on_duty(at("2026-11-29 23:00"))
    assert Rota(office).on_duty(at("2026-11-30 02:00")) == sunday
    assert Rota(office).on_duty(at("2026-11-30 19:00")) != sunday
    assert Rota(office).on_duty(at("2026-12-07 19:00")) == sunday


def test_the_turn_goes_round_across_new_year() -> None:
    office = night_office()
    days = ("2026-12-21", "2026-12-28", "2027-01-04", "2027-01-11")
    turns = [Rota(office).on_duty(at(f"{day} 20:00")) for day in days]
    assert turns[0] == turns[2] != turns[1] == turns[3]


def test_a_daily_turn_changes_each_evening() -> None:
    office = night_office("daily")
    assert Rota(office).on_duty(at("2026-11-25 20:00")) != Rota(office).on_duty(at("2026-11-26 20:00"))
    assert Rota(office).on_duty(at("2026-11-25 20:00")) == Rota(office).on_duty(at("2026-11-26 03:00"))


def test_the_night_of_the_last_day_of_a_shift_runs_into_a_free_day() -> None:
    office = night_office(days='["fri"]')
    assert Rota(office).on_duty(at("2026-11-28 03:00")) in (("ani",), ("budi",))
    assert Rota(office).on_duty(at("2026-11-28 19:00")) == ()


def test_a_whole_day_shift_has_no_hole() -> None:
    office = parse(OFFICE)
    start = at("2026-11-23 00:00")
    assert {Rota(office).on_duty(start + minute * clock.MINUTE) for minute in range(0, 7 * 24 * 60, 7)} == {("ani",)}


def test_without_a_rota_everybody_of_piket_is_on() -> None:
    duty = OFFICE[OFFICE.index("[[duty]]") : OFFICE.index("[ladder.high]")]
    assert Rota(parse(OFFICE.replace(duty, ""))).on_duty(at("2026-11-25 03:00")) == ("ani",)


def test_duty_follows_the_office_and_not_the_server() -> None:
    office = parse(with_gaps(OFFICE.replace('from = "00:00"\nuntil = "24:00"', 'from = "08:00"\nuntil = "09:00"')))
    assert Rota(office).on_duty(at("2026-11-25 08:30")) == ("ani",)
    assert Rota(office).on_duty(at("2026-11-25 08:30", ZoneInfo("UTC"))) == ()


OPENING = [
    ("2026-11-23 07:29", False),
    ("2026-11-23 07:30", True),
    ("2026-11-23 15:59", True),
    ("2026-11-23 16:00", False),
    ("2026-11-27 14:29", True),  # Friday
    ("2026-11-27 14:30", False),
    ("2026-11-28 10:00", False),  # Saturday
    ("2026-12-25 10:00", False),  # Christmas, a Friday
]


def runs(office: Office, moment: int) -> bool:
    """Whether an office-hours clock runs at this moment."""
    return office.later(moment, clock.SECOND, "office-hours") == moment + clock.SECOND


@pytest.mark.parametrize(("moment", "is_open"), OPENING)
def test_office_hours(moment: str, is_open: bool) -> None:
    assert runs(parse(OFFICE + HOURS), at(moment)) is is_open


LATER = [
    ("2026-11-23 08:00", 2, "2026-11-23 10:00"),
    ("2026-11-23 05:00", 2, "2026-11-23 09:30"),
    ("2026-11-23 15:00", 2, "2026-11-24 08:30"),
    ("2026-11-27 14:00", 1, "2026-11-30 08:00"),  # over the weekend
    ("2026-12-23 15:30", 1, "2026-12-28 08:00"),  # over Christmas (and its cuti bersama) and the weekend
    ("2026-11-23 07:30", 17, "2026-11-24 16:00"),
]


@pytest.mark.parametrize(("start", "hours", "end"), LATER)
def test_a_low_risk_clock_counts_office_hours_only(start: str, hours: int, end: str) -> None:
    office = parse(OFFICE + HOURS)
    assert office.local(office.later(at(start), hours * clock.HOUR, "office-hours")) == office.local(at(end))


def test_an_urgent_clock_never_stops() -> None:
    office = parse(OFFICE + HOURS)
    assert office.later(at("2026-11-28 01:00"), clock.HOUR, "always") == at("2026-11-28 02:00")


def test_own_free_days_are_added_and_removed() -> None:
    office = parse(OFFICE + HOURS + 'add = ["2026-11-24"]\nremove = ["2026-12-25"]\n')
    assert not runs(office, at("2026-11-24 10:00")) and runs(office, at("2026-12-25 10:00"))


RAMADAN = (
    '[[season]]\nname = "Ramadan"\nfirst = 2027-02-08\nlast = 2027-03-09\n'
    'hours = { mon-thu = "08:00-15:00", fri = "08:00-15:30" }\n'
)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2027-02-05 15:30", False),  # the Friday before
        ("2027-02-04 15:30", True),
        ("2027-02-08 07:45", False),
        ("2027-02-08 08:00", True),
        ("2027-02-12 15:15", True),  # a Friday in it
        ("2027-03-09 15:00", False),
        ("2027-03-17 15:30", True),
    ],
)
def test_a_season_has_hours_of_its_own(moment: str, is_open: bool) -> None:
    assert runs(parse(OFFICE + HOURS + RAMADAN), at(moment)) is is_open


@pytest.mark.parametrize(
    ("today", "known", "missing"),
    [
        (date(2027, 9, 30), "", None),  # PyPI package holidays knows 2027, not 2028
        (date(2027, 10, 1), "", 2028),
        (date(2027, 12, 31), "known = [2028]", None),
        (date(2028, 1, 1), "", 2028),
        (date(2028, 10, 1), "known = [2028]", 2029),
        (date(2029, 5, 1), "known = [2028]", 2029),
    ],
)
def test_a_year_whose_days_off_nobody_knows_is_missed_months_ahead(today: date, known: str, missing: int) -> None:
    assert parse(f"{OFFICE}\n{HOURS}{known}\n").working.calendar_missing(today) == missing


def test_an_office_without_the_national_calendar_misses_no_year() -> None:
    assert parse(OFFICE + HOURS.replace('holidays = "ID"', "")).working.calendar_missing(date(2040, 12, 1)) is None


def test_lebaran_week_is_no_working_time() -> None:
    """Idul Fitri 1448 H is on 10 and 11 March 2027, between Nyepi and four days of cuti bersama."""
    office = parse(OFFICE + HOURS + RAMADAN)
    ends = office.later(at("2027-03-05 14:00"), 2 * clock.HOUR, "office-hours")
    assert office.local(ends) == office.local(at("2027-03-16 08:00"))


def test_an_office_that_moves_to_another_zone_keeps_its_wall_clock() -> None:
    wib, wita = parse(OFFICE + HOURS), parse(OFFICE.replace("Asia/Jakarta", "Asia/Makassar") + HOURS)
    assert wib.said(at("2026-11-25 10:00")) == "25/11 10.00 WIB"
    assert wita.said(at("2026-11-25 10:00")) == "25/11 11.00 WITA"
    opens = [office.later(at("2026-11-25 05:00"), 1, "office-hours") - 1 for office in (wib, wita)]
    assert opens == [at("2026-11-25 07:30"), at("2026-11-25 06:30")]


def test_an_office_with_fewer_ladders_uses_the_stricter_one() -> None:
    office = parse(OFFICE)
    assert office.ladder_for(Risk.LOW) == office.ladder_for(Risk.MEDIUM) != office.ladder_for(Risk.HIGH)


def test_the_longest_place_name_wins() -> None:
    places = parse(OFFICE.replace('name = "Tayu"', 'name = "Pati Kidul"')).places
    assert next(name for name, _ in places) == "pati kidul"


@pytest.mark.parametrize(("name", "folded"), [("Juwana", "juwana"), (" Pati--Kidul ", "pati kidul"), ("!!", "")])
def test_places_are_compared_folded(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_whose_phone_changed_is_known_also_from_a_file_that_newer_checks_refuse() -> None:
    """What waits for somebody who left is taken back, whatever a later version thinks of the old file."""
    before = OFFICE.replace('code = "33.18.19"\nname = "Tayu"', 'code = "33.18.20"\nname = "Tayu"')
    with pytest.raises(OfficeInvalid):
        parse(before)
    after = parse(OFFICE.replace('phone = "+6281100000102"', 'phone = "+6281100000199"'))
    assert other_addresses(before, after) == ["budi"]
