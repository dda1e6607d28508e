"""An operator's act: carried out by the running server, or here when none runs."""

from pathlib import Path
from typing import Any

import typer

from gateway import settings
from gateway.console import both, end, run
from gateway.control import ask, socket_of
from gateway.crypto import read_master_key
from gateway.errors import KentonganError
from gateway.office_file import OfficeInvalid


def act(name: str, **arguments: Any) -> dict[str, Any]:
    """What an act of the desk gives; when it fails, says why and ends the command."""
    try:
        return run(_do(name, **arguments))
    except OfficeInvalid as error:
        say_problems(error)
        raise typer.Exit(1) from None
    except KentonganError as error:
        end(error)


async def _do(act: str, **arguments: Any) -> dict[str, Any]:
    """An act by the running server, or here when none runs."""
    chosen = settings.load()
    if control := control_of(chosen.database_url):
        return await ask(control, act, arguments)
    from gateway.desk import Desk
    from gateway.dispatch import Dispatcher
    from gateway.ids import Ids
    from gateway.opening import build_channels, open_office, routes_of
    from gateway.store import Store, leases
    from gateway.store.schema import prepare

    master = read_master_key(chosen.key)
    store = Store.open(chosen.database_url)
    try:
        await store.check()
        await prepare(store)
        office_file = Path(arguments["path"]) if "path" in arguments else Path(chosen.office)
        keyring, office = await open_office(store, master, office_file, renew=act == "apply")
        arguments.pop("path", None)
        ids = Ids(await store.write(leases.next_node) if store.shared else 0)
        dispatcher = None
        if store.shared:  # servers elsewhere send what is answered here
            routes = routes_of(build_channels(chosen))
            dispatcher = Dispatcher(store, keyring, ids, lambda: office, {}, lambda: routes)
        return await Desk(store, keyring, ids, lambda: office, dispatcher=dispatcher).do(act, arguments)
    finally:
        await store.close()


def control_of(database_url: str) -> Path | None:
    """The control socket of the server that holds this SQLite file; a shared database is worked on directly."""
    from gateway.store.location import file_of, lock_path

    path = file_of(database_url)
    return socket_of(lock_path(path)) if path is not None else None


def say_problems(error: OfficeInvalid) -> None:
    """Every problem of an office file, and that nothing was changed."""
    for problem in error.problems:
        typer.echo(str(problem), err=True)
    typer.echo(
        both(
            f"{len(error.problems)} error(s); nothing was changed.",
            f"{len(error.problems)} kesalahan; tidak ada yang diubah.",
        ),
        err=True,
    )
