"""A restored copy pages nobody, answers nobody and fetches nothing until a human says that the original is gone."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import archive, backup
from gateway.crypto import read_master_key
from gateway.doctor import examine
from gateway.errors import Failed
from gateway.store import events
from tests import harness
from tests.harness import ANI, ANI_PHONE, SARI, TOKEN, Story, number_in

ANSWER = "Kami di depan rumah Ibu, jangan keluar dulu"
WORDS = ("tetangga saya dipukul", ANSWER, SARI, SARI[1:], ANI_PHONE, "Budi", "Bu Kepala", str(ANI))


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both databases: the original and its copy."""
    if request.param == "postgresql":
        harness.SERVER.append(request.getfixturevalue("postgres"))
    yield
    harness.SERVER.clear()


def nothing(*_: object) -> None:
    """Nobody watches."""


async def original(folder: Path) -> tuple[Story, Path, Path, str]:
    """An office with a call and an answer that could not leave yet, and a backup of just then: (its machine, the file,
    its key, the number of the report that waits for its call)."""
    folder.mkdir()  # noqa: ASYNC240 - before anything runs
    secret, recipient = archive.new_identity()
    (folder / "backup.key").write_text(secret)
    async with Story(folder) as story:
        ani, _ = story.staff()
        await story.phone().texts("LAPOR Juwana tetangga saya dipukul")
        number = number_in((await story.phone().sees("terima")).text)
        await ani.presses(await ani.sees(number), "Ambil")
        taken = await ani.sees("Anda ambil")
        story.africa.fail("send", kind="500", times=1_000, number=SARI)
        story.telegram.fail("sendMessage", kind="500", times=1_000, chat_id=ANI)
        await ani.says(ANSWER, reply_to=taken)
        await story.until(
            "SELECT count(*) FROM outbox WHERE kind = 'answer' AND attempts > 0 AND status = 'pending'", 1
        )
        await story.phone("+6281100000009").texts("TOLONG Juwana")
        waits = "SELECT count(*) FROM outbox WHERE kind = 'ping' AND attempts > 0 AND status = 'pending'"
        await story.until(waits, 1)
        [[number]] = story.rows("SELECT number FROM reports ORDER BY id DESC LIMIT 1")
        file, _ = await backup.backup(story.database_url, folder / "office.age", recipient, nothing)
        await story.app.sender.stop()  # the machine burns down
    return story, file, folder / "backup.key", str(number)


async def copy_of(story: Story, file: Path, secret: Path, folder: Path) -> Story:
    """Another machine on which the backup was restored, with providers that work."""
    folder.mkdir()  # noqa: ASYNC240 - before anything runs
    copy = Story(folder, tables=False)
    copy.key = story.key
    await backup.restore(copy.database_url, file, secret, read_master_key(story.key), nothing)
    return copy


async def test_a_restored_copy_is_silent_until_a_human_ends_its_hold(tmp_path: Path) -> None:
    story, file, secret, number = await original(tmp_path / "first")
    async with await copy_of(story, file, secret, tmp_path / "second") as copy:
        ani, budi = copy.staff()
        copy._ahead += 5 * 3_600_000
        before = copy.rows("SELECT id, status, attempts FROM outbox ORDER BY id")
        answer = await copy.post(
            f"/in/africastalking/{TOKEN}/sms",
            **{"from": "+6281100000008", "to": "21512", "text": "LAPOR Tayu takut", "id": "held-1", "date": "x"},
        )
        assert answer.status_code == 200
        await asyncio.sleep(3)  # three beats of every clock
        assert (copy.telegram.calls, copy.africa.calls) == ([], [])
        assert copy.rows("SELECT id, status, attempts FROM outbox ORDER BY id") == before
        assert copy.rows("SELECT count(*) FROM inbox WHERE status = 'waiting'") == [(1,)]
        ready = await copy.get("/readyz")
        assert (ready.status_code, list(ready.json()["problems"])) == (503, ["hold"])
        assert (await copy.get("/healthz")).status_code == 200
        assert any("kentongan resume" in f.english for f in await examine(copy.settings()) if not f.well)
        with pytest.raises(Failed, match="on hold"):
            await copy.asks("say", {"number": number, "text": "x", "person": "ani"})

        ended = await copy.asks("resume", {})
        assert ended["expired"] == 1 and ended["repeated"] >= 1
        assert number in (await ani.sees("(ulang) ")).text
        await ani.sees("balasan tidak sampai")
        await budi.sees(number)
        assert "terima" in (await copy.phone("+6281100000008").sees("terima")).text
        await copy.phone().sees_nothing(0.5)
        assert (await copy.get("/readyz")).status_code == 200
        with pytest.raises(Failed, match="works already"):
            await copy.asks("resume", {})
        assert copy.rows("SELECT count(*) FROM events WHERE detail LIKE '%hold ended%'") == [(1,)]
        assert await copy.app.store.read(events.first_broken, copy.app.keyring) == 0


async def test_a_held_server_ends_at_once_and_is_held_again(tmp_path: Path) -> None:
    story, file, secret, _ = await original(tmp_path / "first")
    async with await copy_of(story, file, secret, tmp_path / "second") as copy:
        began = asyncio.get_running_loop().time()
        await copy.restart()
        assert asyncio.get_running_loop().time() - began < 8
        assert (await copy.get("/readyz")).json()["problems"].keys() == {"hold"}
        assert (copy.telegram.calls, copy.africa.calls) == ([], [])


async def test_no_word_name_or_number_stands_in_a_backup(tmp_path: Path) -> None:
    """Nor in the database inside, for whoever finds the backup key but not the master key."""
    story, file, secret, _ = await original(tmp_path / "first")
    image = tmp_path / "image"
    with image.open("w+b") as plain:
        archive.unseal(file, archive.read_identity(secret), plain, nothing)
    for content in (file.read_bytes(), image.read_bytes()):
        assert [word for word in WORDS if word.encode() in content] == []
    assert b"33.18" not in file.read_bytes() and b"offices" not in file.read_bytes()
    assert image.read_bytes().startswith(b"SQLite format 3") and story.key.encode() not in image.read_bytes()
