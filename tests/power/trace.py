"""Reads what strace wrote down as steps of a `disk.Disk`: names followed to files, offsets kept, failures left out."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.power.disk import FOLDER, Name, Resize, Said, State, Step, Sync, SyncFolder, Write

ROOT = Path(__file__).resolve().parents[2]
CALLS = (
    "openat,lseek,pwrite64,pwritev,write,writev,fsync,fdatasync,ftruncate,"
    "unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat"
)
LONGEST = 1 << 20  # bytes of one write that are kept; a longer one stops the reading
_OPENED = re.compile(rb"^(\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")
_RESULT = re.compile(rb"^(-?\d+)")


def strace(output: Path, *options: str) -> list[str]:
    """The command before the command: its program's files, in hexadecimal, with the paths behind descriptors."""
    program = shutil.which("strace")
    assert program, "strace is missing: make test-debs"
    plain = ["-f", "-q", "-y", "-xx", "-s", str(LONGEST), "-e", "signal=KILL", "-o", str(output)]
    return [program, *plain, *(options or ("--seccomp-bpf", "-e", f"trace={CALLS}"))]


def recorded(folder: Path, module: str, *arguments: str) -> list[Step]:
    """What `python -m module FOLDER …` in an empty folder asks of the file system, and what it says meanwhile.

    Its syncs are noted down and not carried out: the emulated disk needs their place and nothing else.
    """
    folder.mkdir()
    trace = folder.with_suffix(".trace")
    options = ("--seccomp-bpf", "-e", f"trace={CALLS}", "-e", "inject=fsync,fdatasync:retval=0")
    command = [*strace(trace, *options), sys.executable, "-m", module, str(folder), *arguments]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=60)
    return steps(trace, folder)


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that came back: its arguments as strace prints them, its result, and when it was begun."""

    name: str
    arguments: bytes
    result: int
    began: int

    def descriptor(self) -> tuple[int, str]:
        """The first argument, a descriptor, and the path behind it."""
        found = _OPENED.match(self.arguments)
        return (int(found[1]), _text(found[2])) if found else (-1, "")

    def strings(self) -> list[bytes]:
        """The strings among the arguments. Raises AssertionError when strace left the end of one out."""
        parts = self.arguments.split(b'"')
        assert not any(part.startswith(b"...") for part in parts[2::2]), f"{self.name}: longer than {LONGEST}"
        return [bytes.fromhex(part.replace(b"\\x", b"").decode()) for part in parts[1::2]]


def steps(
    trace: Path,
    folder: Path,
    before: State | None = None,
    ignored: Callable[[str], bool] = lambda path: path.endswith("-shm"),
) -> list[Step]:
    """What happened to the files of a folder, in order; paths are relative to it. `before` is what stood there.

    Files are numbered in the order of `before`, then as they come; shared memory (`-shm`) is no state to keep.
    """
    return _Reader(folder, before or {}, ignored).read(trace)


class _Reader:
    def __init__(self, folder: Path, before: State, ignored: Callable[[str], bool]) -> None:
        self._folder = folder.resolve()
        self._ignored = ignored
        self._files = {path: FOLDER if before[path] is None else number for number, path in enumerate(before)}
        self._sizes = {self._files[path]: len(content or b"") for path, content in before.items()}
        self._next = len(before)
        self._positions: dict[int, int | None] = {}  # of an open descriptor; None: at the end, always
        self._steps: list[Step] = []

    def read(self, trace: Path) -> list[Step]:
        for call in self._calls(trace):
            match call.name:
                case "openat":
                    self._open(call)
                case "lseek" if call.result >= 0 and self._positions.get(call.descriptor()[0]) is not None:
                    self._positions[call.descriptor()[0]] = call.result
                case "write" | "writev" | "pwrite64" | "pwritev":
                    self._write(call)
                case "ftruncate" if call.result == 0:
                    self._resize(call)
                case "fsync" | "fdatasync":
                    self._sync(call)
                case _ if call.result == 0:
                    self._name(call)
        return self._steps

    def _calls(self, trace: Path) -> Iterator[Call]:
        """Every call when it comes back; of one that another thread overtook, the two halves put together."""
        begun: dict[bytes, tuple[bytes, int]] = {}
        with trace.open("rb") as lines:
            for line in lines:
                thread, _, rest = line.rstrip(b"\n").partition(b" ")
                rest = rest.lstrip()
                if rest.endswith(b"<unfinished ...>"):
                    self._speaks(rest)
                    begun[thread] = (rest.removesuffix(b"<unfinished ...>"), len(self._steps))
                    continue
                head, began = b"", len(self._steps)
                if rest.startswith(b"<... "):
                    head, began = begun.pop(thread, (b"", began))
                    rest = rest.partition(b" resumed>")[2]
                elif self._speaks(rest):
                    continue
                words, _, result = (head + rest).rpartition(b" = ")
                name, _, arguments = words.partition(b"(")
                if found := _RESULT.match(result):
                    yield Call(name.decode(), arguments, int(found[1]), began)

    def _speaks(self, rest: bytes) -> bool:
        """A line on standard output counts from the moment its writing begins."""
        if not rest.startswith(b"write(1<"):
            return False
        self._steps += [Said(line) for line in Call("write", rest, 0, 0).strings()[0].decode().splitlines()]
        return True

    def _inside(self, path: str) -> str:
        """A path relative to the folder, "" for what is outside or ignored."""
        where = self._folder / path
        if not where.is_relative_to(self._folder) or self._ignored(path):
            return ""
        return str(where.relative_to(self._folder))

    def _paths(self, call: Call) -> Iterator[str]:
        """The paths a call names, each seen from the folder its descriptor (if any) stands for."""
        bases = re.findall(rb"(?:^|, )(?:\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>", call.arguments)
        for index, name in enumerate(call.strings()):
            base = _text(bases[index]) if index < len(bases) else ""
            yield self._inside(str(Path(base, name.decode())))

    def _open(self, call: Call) -> None:
        flags = call.arguments.rpartition(b'"')[2]
        path = next(self._paths(call))
        if call.result < 0:
            return
        self._positions[call.result] = None if b"O_APPEND" in flags else 0
        if not path or path == ".":
            return
        if path not in self._files and b"O_CREAT" in flags:
            self._create(path, self._next)
            self._next += 1
        elif b"O_TRUNC" in flags and path in self._files:
            self._sizes[self._files[path]] = 0
            self._steps.append(Resize(self._files[path], 0))

    def _create(self, path: str, file: int) -> None:
        self._files[path] = file
        self._sizes[file] = 0
        self._steps.append(Name(_parent(path), ((path, file),)))

    def _file(self, call: Call) -> tuple[int, int | None]:
        """(descriptor, number of the file behind it or None)."""
        descriptor, path = call.descriptor()
        return descriptor, self._files.get(self._inside(path))

    def _write(self, call: Call) -> None:
        descriptor, file = self._file(call)
        if file is None or call.result <= 0:
            return
        data = b"".join(call.strings())[: call.result]
        if call.name.startswith("p"):
            at = int(call.arguments.rstrip(b") ").rpartition(b", ")[2])
        else:
            position = self._positions.get(descriptor, 0)
            at = self._sizes[file] if position is None else position
            if position is not None:
                self._positions[descriptor] = at + len(data)
        self._sizes[file] = max(self._sizes[file], at + len(data))
        self._steps.append(Write(file, at, data))

    def _resize(self, call: Call) -> None:
        _, file = self._file(call)
        if file is not None:
            self._sizes[file] = int(call.arguments.rstrip(b") ").rpartition(b", ")[2])
            self._steps.append(Resize(file, self._sizes[file]))

    def _sync(self, call: Call) -> None:
        path = self._inside(call.descriptor()[1])
        if path == "." or self._files.get(path) == FOLDER:
            if call.result == 0:
                self._steps.append(SyncFolder(path, call.began))
        elif path in self._files:
            self._steps.append(Sync(self._files[path], call.began, failed=call.result != 0))

    def _name(self, call: Call) -> None:
        paths = list(self._paths(call))
        if not all(paths):
            return
        match call.name.removesuffix("2").removesuffix("at"):
            case "unlink":
                self._names([(paths[0], None)])
            case "rename":
                self._names([(paths[0], None), (paths[1], self._files.get(paths[0]))])
            case "link":
                self._names([(paths[1], self._files.get(paths[0]))])
            case "mkdir":
                self._names([(paths[0], FOLDER)])

    def _names(self, changes: Sequence[tuple[str, int | None]]) -> None:
        for path, file in changes:
            if file is None:
                self._files.pop(path, None)
            else:
                self._files[path] = file
        self._steps.append(Name(_parent(changes[-1][0]), tuple(changes)))


def _parent(path: str) -> str:
    return str(Path(path).parent)


def _text(encoded: bytes) -> str:
    return bytes.fromhex(encoded.replace(b"\\x", b"").decode()).decode()
