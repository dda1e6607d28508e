"""An operator changes who is on duty: somebody comes, comes instead of another, or goes; and the change ends."""

import pytest

from gateway.errors import Failed
from tests.harness import Story, number_in

ALWAYS = {"begin": "2020-01-01 00:00", "end": "2099-01-01 00:00", "duty": ""}


async def on_duty(story: Story) -> str:
    """What PIKET answers."""
    ani, _ = story.staff()
    await ani.says("piket")
    return (await ani.sees("Piket")).text


async def test_somebody_comes_instead_and_is_called(quick: Story) -> None:
    _, budi = quick.staff()
    assert "Ani" in await on_duty(quick)
    await quick.asks("put", {"person": "budi", "instead_of": "ani", **ALWAYS})
    assert "Budi" in await on_duty(quick)
    await quick.phone().texts("LAPOR Juwana dia mengancam")
    number = number_in((await quick.phone().sees("terima")).text)
    await budi.sees(number)
    assert quick.rows("SELECT count(*) FROM events WHERE kind = 'duty'") == [(1,)]


async def test_somebody_comes_too_and_the_change_ends(quick: Story) -> None:
    await quick.asks("put", {"person": "budi", "instead_of": "", **ALWAYS})
    both = await on_duty(quick)
    assert "Ani" in both and "Budi" in both
    (change,) = (await quick.asks("changes", {}))["changes"]
    assert (change["kind"], change["person"], change["instead"]) == ("override", "-", "budi")
    await quick.asks("drop", {"number": 1})
    assert "Budi" not in await on_duty(quick)
    assert (await quick.asks("changes", {}))["changes"] == []


async def test_somebody_goes(quick: Story) -> None:
    await quick.asks("put", {"person": "", "instead_of": "ani", **ALWAYS})
    _, budi = quick.staff()
    await quick.phone().texts("TOLONG saya di Juwana")
    assert "TINGGI" in (await budi.sees("TINGGI")).text, "nobody on duty: the next step is called at once"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"person": "", "instead_of": "", **ALWAYS}, "Name who comes"),
        ({"person": "rina", "instead_of": "ani", **ALWAYS}, "rina"),
        ({"person": "ani", "instead_of": "ani", **ALWAYS}, "themselves"),
        ({"person": "budi", "instead_of": "ani", **ALWAYS, "duty": "malam"}, "siang malam"),
        ({"person": "budi", "instead_of": "ani", **ALWAYS, "end": "2020-01-02 00:00"}, "over already"),
        ({"person": "budi", "instead_of": "ani", **ALWAYS, "begin": "nanti"}, "no moment"),
    ],
)
async def test_what_makes_no_sense_changes_nothing(quick: Story, asked: dict[str, str], words: str) -> None:
    with pytest.raises(Failed, match=words):
        await quick.asks("put", asked)
    assert quick.rows("SELECT count(*) FROM rota_changes") == [(0,)]
