"""The rota as it stands, for commands that only look: the office file, and what a database knows if there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import clock
from gateway.crypto import Keyring, read_master_key
from gateway.desk import checked
from gateway.errors import Failed, KentonganError
from gateway.model import Person
from gateway.office import Office
from gateway.office_file import in_force
from gateway.rehearsal import people_of
from gateway.rota import Rota
from gateway.settings import Settings
from gateway.store import Store, Transaction, offices, people
from gateway.store import rota as rota_rows
from gateway.store.location import file_of


@dataclass(frozen=True, slots=True)
class Plan:
    """An office, who is on duty, and how people are reached; `changed`: with the changes a database holds."""

    office: Office
    rota: Rota
    people: Mapping[str, Person]
    changed: bool


async def plan_of(chosen: Settings, path: Path | None = None, now: int = 0) -> Plan:
    """The plan of an office file (by default: what is in force, else the file of the settings) from an instant on.

    Raises OfficeInvalid for a wrong file, Failed without any office, and what the store raises when it is there and
    does not open.
    """
    asked = _text(path) if path is not None else ""
    if path is not None and not asked:
        raise Failed(f"{path} cannot be read.", f"{path} tidak dapat dibaca.")
    if chosen.key and _there(chosen.database_url):
        store = Store.open(chosen.database_url, exclusive=False)
        try:
            if plan := await store.read(_stored, read_master_key(chosen.key), asked, now or clock.now()):
                return plan
        finally:
            await store.close()
    text = asked or _text(Path(chosen.office))
    if not text:
        raise Failed(
            f"There is neither an office in force nor a file {chosen.office}: name one with --file.",
            f"Belum ada kantor yang berlaku dan tidak ada berkas {chosen.office}: sebut dengan --file.",
        )
    office = checked(text)
    return Plan(office, Rota(office), people_of(office), changed=False)


def _there(database_url: str) -> bool:
    """Whether there is a database to look into: a SQLite file that exists, or a server."""
    try:
        path = file_of(database_url)
    except KentonganError:
        return False
    return path is None or path.exists()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _stored(transaction: Transaction, master: bytes, asked: str, now: int) -> Plan | None:
    """The plan with what the database knows; None when no office is in force there, or another one's file is asked."""
    known = offices.canary(transaction)
    if known is None:
        return None
    keyring = Keyring(master, known[0])
    if not keyring.opens(known[1]):
        raise Failed("The key does not open this database.", "Kunci tidak membuka basis data ini.")
    office = checked(asked) if asked else in_force(offices.document(transaction, keyring)[0])
    if office.code != keyring.office:
        return None
    rota = rota_rows.of_office(transaction, keyring, office, min(now, clock.now()))
    known_people = {person.ref: person for person in people.everybody(transaction, keyring, office)}
    return Plan(office, rota, people_of(office) | known_people, changed=True)
