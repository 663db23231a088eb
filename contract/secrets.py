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
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.errors import LineError, Mistake, NotAllowed
from contract.words import Words

FILE = "secrets.toml"
_KNOWN = {"mqtt": ("user", "password", "ca"), "store": ("token", "user", "password", "org")}


@dataclass(frozen=True, slots=True)
class Credentials:
    """How we show the broker who we are (``user``, ``password``) and know who it is (``ca``, a certificate's file)."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None


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
        said = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return Secrets()
    except PermissionError as error:
        if isinstance(error, NotAllowed):
            raise
        raise NotAllowed(
            Words(f"{file} を読む権限がありません。", f"We may not read {file}."),
            Words("このプログラムを動かす利用者の持ち物にしてください。", "It must belong to the user that runs this."),
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # Neither the text nor the parser's message is shown: it may quote the secret.
        raise LineError([_mistake("", "TOML として読めません。", "It cannot be read as TOML.")]) from error
    _check_keys(said)
    mqtt = said.get("mqtt", {})
    ca = directory / mqtt["ca"] if "ca" in mqtt else None
    return Secrets(Credentials(mqtt.get("user"), mqtt.get("password"), ca), said.get("store", {}))


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


def _check_keys(said: Mapping[str, Any]) -> None:
    mistakes = [
        mistake
        for table, content in said.items()
        for mistake in (
            _table_mistakes(table, content)
            if table in _KNOWN
            else [
                _mistake(
                    table, "この表はありません。[mqtt] か [store] です。", "No such table; it is [mqtt] or [store]."
                )
            ]
        )
    ]
    if mistakes:
        raise LineError(mistakes)


def _table_mistakes(table: str, content: Any) -> list[Mistake]:
    if not isinstance(content, dict):
        return [_mistake(table, f"[{table}] は表です。", f"[{table}] must be a table.")]
    known = ", ".join(_KNOWN[table])
    return [
        _mistake(f"{table}.{key}", "文字で書いてください。", "Write it as text.")
        if key in _KNOWN[table]
        else _mistake(f"{table}.{key}", f"知らない項目です。{known} が書けます。", f"Unknown key; it may be {known}.")
        for key, value in content.items()
        if key not in _KNOWN[table] or not isinstance(value, str)
    ]


def _mistake(where: str, ja: str, en: str) -> Mistake:
    return Mistake(FILE, 0, where, Words(ja, en))
