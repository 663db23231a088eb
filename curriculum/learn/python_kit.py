"""What a browser needs to judge a lesson: a Python (Pyodide), and our own modules, gpiozero and the lessons as one zip.

Both lie on this machine, nothing comes from outside: Pyodide in a folder that `make learn` fills, once, where there is
a network; the rest is what is installed here.
"""

import ast
import gzip
import hashlib
import importlib.util
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from curriculum.lesson import LESSONS

ROOT: Final = Path(__file__).parent.parent.parent
PLACES: Final = (ROOT / "node_modules" / "pyodide",)
PYODIDE_FILES: Final = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
ROOMS: Final = ("contract", "edge", "curriculum")
BEGINNING: Final = "curriculum.learn.in_browser"
FROM_OTHERS: Final = ("gpiozero", "colorzero")
SAME_DATE: Final = (2026, 1, 1, 0, 0, 0)
"""In the zip, so that the same files are the same zip."""


@dataclass(frozen=True, slots=True)
class Pyodide:
    """A folder with Pyodide in it; ``version`` as its package tells it."""

    folder: Path
    version: str


def find_pyodide(places: Sequence[Path] = PLACES) -> Pyodide | None:
    """The first of ``places`` that holds a whole Pyodide, or None."""
    for folder in places:
        try:
            version = str(json.loads((folder / "package.json").read_text("utf-8"))["version"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if all((folder / name).is_file() for name in PYODIDE_FILES):
            return Pyodide(folder, version)
    return None


@dataclass(frozen=True, slots=True)
class Kit:
    """The zip, and its name, which changes with its content: browsers may keep it."""

    content: bytes
    name: str


def pack(lessons: Path = LESSONS) -> Kit:
    """Our modules that the judge imports, the lessons, gpiozero. Raises ModuleNotFoundError where that is missing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        for name, path in sorted(_files(lessons)):
            file.writestr(zipfile.ZipInfo(name, SAME_DATE), path.read_bytes(), zipfile.ZIP_DEFLATED)
    content = made.getvalue()
    return Kit(content, f"kit-{hashlib.sha256(content).hexdigest()[:12]}.zip")


def _files(lessons: Path) -> Iterator[tuple[str, Path]]:
    wanted = {name for path in lessons.glob("*/*.py") for name in _imported(path)}
    yield from modules_for(BEGINNING, *sorted(wanted))
    yield "curriculum/general_hints.toml", ROOT / "curriculum" / "general_hints.toml"
    for path in lessons.rglob("*"):
        if (
            path.is_file()
            and path.suffix in (".py", ".toml", ".md", ".svg", ".csv")
            and "__pycache__" not in path.parts
        ):
            yield f"curriculum/lessons/{path.relative_to(lessons).as_posix()}", path
    for package in FROM_OTHERS:
        folder = _package(package)
        yield from ((f"{package}/{path.relative_to(folder).as_posix()}", path) for path in folder.rglob("*.py"))


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return Path(found.origin).parent


def modules_for(*beginnings: str) -> Iterator[tuple[str, Path]]:
    """Every module of ours that ``beginnings`` import, directly or not, as (name in the zip, file); themselves, too."""
    seen: set[str] = set()
    waiting = [*beginnings]
    while waiting:
        name = waiting.pop()
        path = _module(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        yield path.relative_to(ROOT).as_posix(), path
        waiting += [name.rpartition(".")[0], *_imported(path)]


def _module(name: str) -> Path | None:
    if name.partition(".")[0] not in ROOMS:
        return None
    place = ROOT.joinpath(*name.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


class Packed:
    """Files as they go over the air: gzip, made at the first asking and kept. A Pi shall not do it twelve times."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Path, bytes] = {}

    def __call__(self, path: Path) -> bytes:
        """The file, packed."""
        with self._lock:
            if path not in self._kept:
                self._kept[path] = gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)
            return self._kept[path]
