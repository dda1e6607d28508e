"""A disk that forgets: what a folder may hold after the power went, told from what was asked of the file system.

The rules are what POSIX promises and no more. What was synced stays. A write that was not synced may be there, or not,
or some of its sectors, in any order with the others. A new, renamed or removed name stays once its folder was synced;
before that it may have happened or not, unless the file system's journal is trusted with it.
"""

import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

SECTOR = 512
FOLDER = -1  # stands where a name leads to a folder and not to a file
SURVIVES, TORN = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put at an offset of a file. Files are numbers, names come and go."""

    file: int
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Resize:
    """A file cut off or made longer."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Name:
    """Names of a folder that change together: path → the file it leads to, or None when it is gone."""

    folder: str
    changes: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Sync:
    """What the first `covers` steps wrote into a file is on the disk, or (`failed`) will never be.

    After a failed sync the kernel counts the pages as clean and drops them: a second sync says yes to nothing.
    """

    file: int
    covers: int
    failed: bool = False


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """What the first `covers` steps did to the names of a folder is on the disk."""

    folder: str
    covers: int


@dataclass(frozen=True, slots=True)
class Said:
    """Words that left the process: from here on somebody relies on them."""

    text: str


Step = Write | Resize | Name | Sync | SyncFolder | Said
State = dict[str, bytes | bytearray | None]  # path under the folder → content, None for a folder


class Disk:
    """Takes steps in, and gives the states in which a power cut may leave the folder.

    `start` is what stood there, safely, before the first step; its files have the numbers 0, 1 and so on. `journalled`
    says for which paths the file system keeps names by itself, without a sync of the folder.
    """

    def __init__(
        self,
        start: State | None = None,
        journalled: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self._journalled = journalled
        self._done = 0
        self._names: dict[str, int] = {}
        self._safe: dict[int, bytearray] = {}
        self._new_names: list[tuple[int, Name]] = []
        self._unsafe: dict[int, list[tuple[int, Write | Resize]]] = {}
        for file, (path, content) in enumerate((start or {}).items()):
            self._names[path] = FOLDER if content is None else file
            self._safe[file] = bytearray(content or b"")

    def does(self, step: Step) -> None:
        """One more step happens."""
        match step:
            case Write() | Resize():
                self._unsafe.setdefault(step.file, []).append((self._done, step))
            case Name():
                self._new_names.append((self._done, step))
            case Sync(file, covers, failed):
                covered = [change for index, change in self._unsafe.get(file, []) if index < covers]
                self._unsafe[file] = [item for item in self._unsafe.get(file, []) if item[0] >= covers]
                if not failed:
                    _change(self._safe.setdefault(file, bytearray()), covered)
            case SyncFolder(folder, covers):
                kept = [item for item in self._new_names if item[0] < covers and item[1].folder == folder]
                self._new_names = [item for item in self._new_names if item not in kept]
                for _, name in kept:
                    _rename(self._names, name)
        self._done += 1

    def after_cut(self, dice: random.Random) -> State:
        """One state that a power cut at this moment may leave."""
        names = dict(self._names)
        for _, name in self._new_names:
            if all(self._journalled(path) for path, _ in name.changes) or dice.random() < SURVIVES:
                _rename(names, name)
        return self._seen(names, dice)

    def at_worst(self) -> State:
        """The state in which nothing is left but what was synced, names that the journal keeps included."""
        names = dict(self._names)
        for _, name in self._new_names:
            if all(self._journalled(path) for path, _ in name.changes):
                _rename(names, name)
        return self._seen(names, None)

    def _seen(self, names: Mapping[str, int], dice: random.Random | None) -> State:
        state: State = {}
        for path, file in names.items():
            if not all(str(parent) in names for parent in PurePosixPath(path).parents if str(parent) != "."):
                continue  # the folder it was in never came to be
            content = bytearray(self._safe.get(file, b""))
            _change(content, _survivors(self._unsafe.get(file, []), dice) if dice else ())
            state[path] = None if file == FOLDER else content
        return state


def power_cuts(
    told: Sequence[Step], count: int, seed: int, journalled: Callable[[str], bool] = lambda path: False
) -> Iterator[tuple[Sequence[str], State]]:
    """So many cuts at random moments, in the order of time: what had been said until then, and what is left."""
    dice = random.Random(seed)
    disk = Disk(journalled=journalled)
    said: list[str] = []
    moments = sorted(dice.randrange(len(told) + 1) for _ in range(count))
    done = 0
    for moment in moments:
        for step in told[done:moment]:
            disk.does(step)
            if isinstance(step, Said):
                said.append(step.text)
        done = moment
        yield said, disk.after_cut(dice)


def put(state: State, folder: Path) -> None:
    """Makes a folder hold a state and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, content in sorted(state.items()):
        if content is None:
            (folder / path).mkdir(parents=True, exist_ok=True)
        else:
            (folder / path).write_bytes(content)


def _survivors(changes: Iterable[tuple[int, Write | Resize]], dice: random.Random) -> Iterator[Write | Resize]:
    """Some of the changes: writes in any order and some torn, sizes where they stood among them."""
    batch: list[Write] = []
    for _, change in changes:
        if dice.random() >= SURVIVES:
            continue
        if isinstance(change, Resize):
            dice.shuffle(batch)
            yield from batch
            yield change
            batch = []
        else:
            batch += _torn(change, dice) if dice.random() < TORN else [change]
    dice.shuffle(batch)
    yield from batch


def _torn(write: Write, dice: random.Random) -> list[Write]:
    """The sectors of a write that made it to the disk."""
    end = write.at + len(write.data)
    edges = [write.at, *range(write.at - write.at % SECTOR + SECTOR, end, SECTOR), end]
    return [
        Write(write.file, start, write.data[start - write.at : stop - write.at])
        for start, stop in pairwise(edges)
        if dice.random() < SURVIVES
    ]


def _change(content: bytearray, changes: Iterable[Write | Resize]) -> None:
    for change in changes:
        if isinstance(change, Resize):
            del content[change.size :]
            content.extend(bytes(change.size - len(content)))
        else:
            content.extend(bytes(max(0, change.at - len(content))))
            content[change.at : change.at + len(change.data)] = change.data


def _rename(names: dict[str, int], name: Name) -> None:
    for path, file in name.changes:
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file
