"""A backup as one file: a zip with a manifest that names every part with its length and SHA-256.

    manifest.json    what it is, when it was made, by which version; every part; what the store holds in numbers
    store.duckdb     the readings and all else of the store (not for a store that is a server)
    contents.json    how many readings of which series, from when to when, which numbers were received
    lines.json, entries.json    versions of the line, what people entered
    line.toml        the newest version of the line
    collector.id     who the collector is to the broker
    sensors/…        sensors of one's own
    operator.token, viewer.token    only when asked for

Never in it: secrets.toml, keys, outboxes (a copied outbox would use numbers twice).
"""

import errno
import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import BackupError, NotAllowed, NotThere
from contract.words import Words

MANIFEST = "manifest.json"
WHAT, FORMAT = "kojohack backup", 1
STORE, CONTENTS, LINES, ENTRIES, LINE = "store.duckdb", "contents.json", "lines.json", "entries.json", "line.toml"
TOKENS = ("operator.token", "viewer.token")
_PART = re.compile(r"(?!sensors$|manifest\.json$)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}|sensors/[\w-][\w.-]{0,63}")
_MANIFEST_BYTES = 4 << 20
_PAPER_BYTES = 128 << 20
"""Of a part that is read whole."""

_PIECE = 1 << 20

Progress = Callable[[int, int], None]
"""Bytes done, of."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``store``: url, id, schema, kind; ``parts``: name -> (bytes, SHA-256)."""

    made: str
    kojohack: str
    store: Mapping[str, Any]
    counts: Mapping[str, int]
    parts: Mapping[str, tuple[int, str]]

    @property
    def bytes(self) -> int:
        """All parts together."""
        return sum(size for size, _ in self.parts.values())


def pack(folder: Path, to: Path, about: Mapping[str, Any], progress: Progress) -> None:
    """Write every file of a folder and the manifest into a new zip, durable when this returns. Raises OSError."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    of, done = sum(path.stat().st_size for path in files), 0
    parts: dict[str, tuple[int, str]] = {}
    number = os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w+b") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1) as packed:
            for path in files:
                name = path.relative_to(folder).as_posix()
                digest, size = hashlib.sha256(), 0
                with path.open("rb") as said, packed.open(name, "w", force_zip64=True) as part:
                    while piece := said.read(_PIECE):
                        part.write(piece)
                        digest.update(piece)
                        size += len(piece)
                        progress(done + size, of)
                done += size
                parts[name] = (size, digest.hexdigest())
            said_parts = [{"name": name, "bytes": size, "sha256": sha} for name, (size, sha) in parts.items()]
            manifest = {"what": WHAT, "format": FORMAT, **about, "parts": said_parts}
            packed.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        raw.flush()
        os.fsync(raw.fileno())


def read(file: Path) -> Manifest:
    """The manifest of a backup. Raises NotThere, or BackupError for what is none, damaged or newer than we are."""
    with _opened(file) as packed:
        return _manifest(file, packed)


def unpack(file: Path, folder: Path, progress: Progress | None = None) -> Manifest:
    """Write every part into an empty folder, compared with its checksum. Raises BackupError, NotThere, OSError.

    Never more than the manifest says is written, and nothing where the disk has no room for that.
    """
    with _opened(file) as packed:
        manifest, done = _manifest(file, packed), 0
        if manifest.bytes > shutil.disk_usage(folder).free:
            raise OSError(errno.ENOSPC, f"{manifest.bytes} bytes are needed in {folder}")
        for name, (size, sha) in manifest.parts.items():
            path = folder / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            digest, many = hashlib.sha256(), 0
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "wb") as part:
                for piece in _pieces(file, packed, name):
                    part.write(piece)
                    digest.update(piece)
                    many += len(piece)
                    if many > size:
                        raise damaged(file, name)
                    if progress:
                        progress(done + many, manifest.bytes)
                part.flush()
                os.fsync(part.fileno())
            if (many, digest.hexdigest()) != (size, sha):
                raise damaged(file, name)
            done += many
        return manifest


def paper(file: Path, folder: Path, name: str) -> Any:
    """What an unpacked part of JSON says. Raises BackupError where there is none, or it is not JSON."""
    try:
        if (folder / name).stat().st_size > _PAPER_BYTES:
            raise damaged(file, name)
        return json.loads((folder / name).read_text("utf-8"))
    except (FileNotFoundError, ValueError, RecursionError) as error:
        raise damaged(file, name) from error


def _pieces(file: Path, packed: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with packed.open(name) as part:
            while piece := part.read(_PIECE):
                yield piece
    except (zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, ValueError, RuntimeError) as error:
        raise damaged(file, name) from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise damaged(file, name) from error
        raise


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        if file.exists() and not file.is_file():
            raise _no_file(file)
        packed = zipfile.ZipFile(file)
    except FileNotFoundError as error:
        raise NotThere(
            Words(f"控えのファイル {file} がありません。", f"There is no file {file}."),
            Words("kojo backup が作ったファイルを指してください。", "Name a file that kojo backup made."),
        ) from error
    except PermissionError as error:
        raise NotAllowed(
            Words(f"控えのファイル {file} を読む権限がありません。", f"{file} may not be read."),
            Words(
                "kojo serve と同じ利用者が読めるようにしてください。",
                "Let the user that runs kojo serve read it.",
            ),
        ) from error
    except (zipfile.BadZipFile, io.UnsupportedOperation) as error:
        raise _no_backup(file) from error
    with packed:
        yield packed


def _manifest(file: Path, packed: zipfile.ZipFile) -> Manifest:
    try:
        if packed.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
            raise _no_backup(file)
        said = json.loads(b"".join(_pieces(file, packed, MANIFEST)))
        if said["what"] != WHAT:
            raise _no_backup(file)
        if int(said["format"]) > FORMAT:
            raise _newer(file, said)
        parts = {str(part["name"]): (int(part["bytes"]), str(part["sha256"])) for part in said["parts"]}
        if not all(_PART.fullmatch(name) and size >= 0 for name, (size, _) in parts.items()):
            raise _no_backup(file)
        counts = {str(name): int(many) for name, many in said["counts"].items()}
        return Manifest(_plain(said["made"]), _plain(said["kojohack"]), dict(said["store"]), counts, parts)
    except BackupError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise _no_backup(file) from error


def _plain(said: Any) -> str:
    """What may be shown on a screen: no control characters, no half characters."""
    return "".join(c if c.isprintable() else "?" for c in str(said)[:64])


def damaged(file: Path, part: str) -> BackupError:
    """A part is not what the manifest says."""
    return BackupError(
        Words(f"控え {file} は壊れています({part})。", f"The backup {file} is damaged ({part})."),
        Words("何も戻していません。別の控えを使ってください。", "Nothing was restored. Use another backup."),
    )


def _no_file(file: Path) -> BackupError:
    return BackupError(
        Words(f"{file} はファイルではありません。", f"{file} is no file."),
        Words(
            "フォルダーではなく、その中の控えのファイルを指してください。",
            "Name the backup file itself, not its folder.",
        ),
    )


def _no_backup(file: Path) -> BackupError:
    return BackupError(
        Words(
            f"{file} は kojo backup の控えではないか、途中で切れています。",
            f"{file} is no backup of kojo, or was cut short.",
        ),
        Words("kojo backup が作ったファイルを指してください。", "Name a file that kojo backup made."),
    )


def _newer(file: Path, said: Mapping[str, Any]) -> BackupError:
    made_by = _plain(said.get("kojohack"))
    return BackupError(
        Words(
            f"控え {file} は新しい kojohack({made_by})が作ったもので、この版では読めません。",
            f"The backup {file} was made by a newer kojohack ({made_by}).",
        ),
        Words("新しい kojohack に更新してください。", "Update kojohack."),
    )
