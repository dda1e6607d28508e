"""Draws docs/growth.svg: what things cost as the database grows, relative to the empty one. Plain SVG, no library."""

from collections.abc import Mapping
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "docs" / "growth.svg"
LINES = (
    ("accept, processor time", "accept an SMS", "#0b7285", "#66d9e8"),
    ("dispatch, processor time", "decide and write a report", "#c2255c", "#faa2c1"),
    ("climb, processor time", "call the next rung", "#5f3dc4", "#b197fc"),
)
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 680, 340, 56, 64, 230, 52
MOST = 2.0  # times the cost on the empty database, at the top of the picture


def draw(found: Mapping[int, Mapping[str, float]], target: Path = TARGET) -> None:
    """`found`: stored reports -> figures by name, the first one on the empty database."""
    target.write_text("\n".join(_picture(found)) + "\n", encoding="utf-8")


def _picture(found: Mapping[int, Mapping[str, float]]) -> list[str]:
    sizes = list(found)
    across = {size: LEFT + (WIDTH - LEFT - RIGHT) * index / (len(sizes) - 1) for index, size in enumerate(sizes)}
    top = max(MOST, *(found[size][name] / found[sizes[0]][name] * 1.1 for size in sizes for name, *_ in LINES))

    def height(times: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * times / top

    picture = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">',
        "<title>Processor time per message and report as the database grows</title>",
        _style(),
        f'<text x="{LEFT - 40}" y="24" font-size="15" font-weight="600">What it costs as the database grows</text>',
        f'<text x="{LEFT - 40}" y="44" class="quiet">processor time, 1 = on the empty database</text>',
    ]
    for times in range(int(top) + 1):
        y = height(times)
        picture.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        picture.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end" class="quiet">{times}</text>')
    for size, x in across.items():
        picture.append(f'<text x="{x:.1f}" y="{HEIGHT - 28}" text-anchor="middle" class="quiet">{_plain(size)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    words = f'<text x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle" class="quiet">stored reports</text>'
    picture.append(words)
    ends = _apart([height(found[sizes[-1]][name] / found[sizes[0]][name]) for name, *_ in LINES])
    for index, (name, label, *_) in enumerate(LINES):
        points = " ".join(
            f"{across[size]:.1f},{height(found[size][name] / found[sizes[0]][name]):.1f}" for size in sizes
        )
        picture.append(f'<polyline points="{points}" class="line of{index}"/>')
        for point in points.split():
            x, y = point.split(",")
            picture.append(f'<circle cx="{x}" cy="{y}" r="3.5" class="dot of{index}"/>')
        first, last = found[sizes[0]][name], found[sizes[-1]][name]
        x, y = WIDTH - RIGHT + 14, ends[index]
        picture.append(f'<text x="{x}" y="{y:.1f}" class="word of{index}">{label}</text>')
        picture.append(f'<text x="{x}" y="{y + 15:.1f}" class="quiet">{first:.0f} → {last:.0f} µs</text>')
    return [*picture, "</svg>"]


def _apart(heights: list[float]) -> list[float]:
    """The same places, moved so far apart that two lines of words fit at each."""
    places = dict(enumerate(heights))
    before = TOP - 40.0
    for index in sorted(places, key=lambda key: places[key]):
        before = places[index] = max(places[index] - 2, before + 38)
    return [places[index] for index in range(len(heights))]


def _plain(size: int) -> str:
    return f"{size:,}".replace(",", "\u2009")


def _style() -> str:
    rules = ["text{fill:#222}", ".quiet{fill:#666;font-size:12px}", ".grid{stroke:#8884}"]
    dark = ["text{fill:#e6e6e6}", ".quiet{fill:#a0a0a0}"]
    rules += [".line{fill:none;stroke-width:2.5}"]
    for index, (_, _, on_light, on_dark) in enumerate(LINES):
        for into, colour in ((rules, on_light), (dark, on_dark)):
            into.append(f".line.of{index}{{stroke:{colour}}}.dot.of{index},.word.of{index}{{fill:{colour}}}")
    return f"<style>{''.join(rules)}@media (prefers-color-scheme:dark){{{''.join(dark)}}}</style>"
