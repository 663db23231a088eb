"""The secrets of one data directory: ``DIR/secrets.toml``, which only its owner may read (0600).

    [mqtt]
    user = "pi-1"
    password = "…"
    ca = "ca.crt"            # relative to DIR: who signed the broker's certificate

    [store]
    token = "…"              # or user and password; org

Nothing in it has a default, and nothing of it ever stands in line.toml, in a url or in a log.
"""

import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.errors import LineError, Mistake, NotAllowed
from contract.line_places import Places, places
from contract.line_report import hint, suggest
from contract.line_syntax import not_utf8
from contract.words import Words

FILE = "secrets.toml"
_KNOWN = {"mqtt": ("user", "password", "ca"), "store": ("token", "user", "password", "org")}


@dataclass(frozen=True, slots=True)
class Credentials:
    """How we show the broker who we are (``user``, ``password``) and know who it is (``ca``, a certificate's file)."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None


Shown = Callable[[], Credentials]
"""What is shown to the broker, read anew for each connection: a renewed password is taken up without a new start."""


def shown(credentials: Credentials | Shown) -> Shown:
    """The same credentials each time, or those that are asked for."""
    return (lambda: credentials) if isinstance(credentials, Credentials) else credentials


@dataclass(frozen=True, slots=True)
class Secrets:
    """All of secrets.toml; empty where there is no such file."""

    mqtt: Credentials = Credentials()
    store: Mapping[str, str] = field(default_factory=dict, repr=False)


def read(directory: Path) -> Secrets:
    """The secrets of a data directory.

    Raises NotAllowed when others could read the file or we cannot, LineError with every mistake in it.
    """
    file = directory / FILE
    try:
        _check_mode(file)
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return Secrets()
    except PermissionError as error:
        if isinstance(error, NotAllowed):
            raise
        raise NotAllowed(
            Words(f"{file} を読む権限がありません。", f"We may not read {file}."),
            Words("このプログラムを動かす利用者の持ち物にしてください。", "It must belong to the user that runs this."),
        ) from error
    except UnicodeDecodeError as error:
        raise not_utf8(error.object, error.start, str(file)) from None
    said = _parse(text, file)
    if mistakes := list(_mistakes(said, file, places(text))):
        raise LineError(mistakes)
    mqtt = said.get("mqtt", {})
    ca = directory / mqtt["ca"] if "ca" in mqtt else None
    return Secrets(Credentials(mqtt.get("user"), mqtt.get("password"), ca), said.get("store", {}))


def with_mqtt(text: str, credentials: Credentials, file: Path) -> str:
    """The text of a secrets.toml with ``[mqtt]`` replaced and everything else as it was.

    Raises NotAllowed where ``[mqtt]`` is not written as a table of its own.
    """
    told = {"user": credentials.user or "", "password": credentials.password or ""}
    told |= {"ca": credentials.ca.name} if credentials.ca else {}
    block = ["[mqtt]", *(f'{key} = "{value}"' for key, value in told.items())]
    before = tomllib.loads(text)
    others = "\n".join(_without_table(text.splitlines(), "mqtt")).strip("\n")
    new = "\n".join(block) + "\n" + (f"\n{others}\n" if others else "")
    if _or_nothing(new) != before | {"mqtt": told}:
        raise NotAllowed(
            Words(f"{file} の [mqtt] を書きかえられません。", f"[mqtt] of {file} cannot be replaced."),
            Words("[mqtt] の部分を消して、もう一度どうぞ。", "Take [mqtt] out of it and try again."),
        )
    return new


def _without_table(lines: list[str], table: str) -> Iterator[str]:
    inside = False
    for line in lines:
        if line.lstrip().startswith("["):
            inside = line.partition("#")[0].strip() == f"[{table}]"
        if not inside or line.lstrip().startswith("#"):  # a person's remarks stay
            yield line


def _or_nothing(text: str) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _check_mode(file: Path) -> None:
    mode = stat.S_IMODE(file.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise NotAllowed(
            Words(
                f"{file} をほかの利用者も読めます({mode:04o})。秘密が漏れるので使いません。",
                f"Others can read {file} ({mode:04o}), so it is not used.",
            ),
            Words(f"「chmod 600 {file}」で直ります。", f"Put it right with: chmod 600 {file}"),
        )


def _parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Neither the text nor the parser's message is shown: it may quote the secret.
        line = re.search(r"at line (\d+)", str(error))
        row = int(line[1]) if line else len(text.splitlines())
        what = Words("TOML として読めません。", "it cannot be read as TOML.")
        raise LineError([Mistake(str(file), row, "", what, _QUOTES)]) from None


_QUOTES = hint('password = "…" のように、" で囲みます。', 'text stands in quotes, like password = "…".')


def _mistakes(said: Mapping[str, Any], file: Path, at: Places) -> Iterator[Mistake]:
    for table, content in said.items():
        row = at.row((table,))
        if table not in _KNOWN:
            what = Words(f"[{table}] という表はありません。", f"there is no table [{table}] here.")
            yield Mistake(str(file), row, table, what, hint("[mqtt] か [store] です。", "it is [mqtt] or [store]."))
        elif not isinstance(content, dict):
            what = Words(f"[{table}] は表です。", f"[{table}] must be a table.")
            yield Mistake(str(file), row, table, what)
        else:
            for key, value in content.items():
                if wrong := _wrong(table, key, value, file):
                    yield Mistake(str(file), at.row((table, key)), f"{table}.{key}", *wrong)


def _wrong(table: str, key: str, value: Any, file: Path) -> tuple[Words, Words | None] | None:
    if key not in _KNOWN[table]:
        what = Words(f'"{key}" というキーはありません。', f'unknown key "{key}".')
        return what, suggest(key, _KNOWN[table], Words("書けるもの", "keys"))
    if not isinstance(value, str):
        return Words('文字(" " で囲んだ1行)ではありません。', "it is not text."), _QUOTES
    if key == "ca" and not (file.parent / value).is_file():
        return (
            Words("その証明書のファイルがありません。", "there is no such certificate."),
            hint(f"{file.parent} からの場所を書きます。", f"its place is counted from {file.parent}."),
        )
    return None
