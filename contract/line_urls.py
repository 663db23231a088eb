"""The urls of line.toml: where the broker and the store are. Secrets never stand in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from contract.broker import Broker
from contract.errors import LineError, Mistake
from contract.line_kinds import refuse
from contract.line_places import Path
from contract.line_report import WRONG, Report, hint
from contract.words import Words

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_PORT = r"[1-9][0-9]{0,4}"
_MQTT = rf"embedded(?::(?:{_HOST}:)?{_PORT})?|mqtts?://{_HOST}(?::{_PORT})?/?"
_STORE = rf"duckdb:(?!//)[^\s?#\0][^?#\0]*|influxs?://{_HOST}(?::({_PORT}))?/[^/?#\s]+(?:/[^/?#\s]+)?"
_SECRET = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s]*@|[?&](?:token|password|passwd|pw|user|username|p|u)=")
_HIGHEST_PORT = 65535
_OWN_FOLDERS = ("sensors",)
_OWN = re.compile(r".*\.(?:token|toml|lock|id|sqlite|sock|unfinished|pem|crt|key|py|json|new)")
"""Names of files that the kit keeps in its data directory besides the store."""


def holds_secret(text: str) -> bool:
    """Whether a url carries a user, password or token."""
    return bool(_SECRET.search(text))


@dataclass(frozen=True, slots=True)
class MqttUrl:
    """Where the broker is."""

    example = '"embedded"'

    @property
    def words(self) -> Words:
        """The forms allowed."""
        return Words(
            "MQTT の行き先(embedded | embedded:1883 | embedded:HOST:8883 | mqtt://HOST:1883 | mqtts://HOST:8883)",
            "the address of a broker (embedded | embedded:1883 | embedded:HOST:8883 | mqtt://HOST:1883 | "
            "mqtts://HOST:8883)",
        )

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The url as it stands."""
        if isinstance(value, str) and holds_secret(value):
            return WRONG
        if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
            return refuse(self, value, path, report)
        try:
            Broker.of(value)
        except LineError as error:
            return self._refuse(value, path, report, error.mistakes[0])
        return value

    def _refuse(self, value: str, path: Path, report: Report, mistake: Mistake) -> Any:
        tip = _scheme_tip(value, {"tcp": "mqtt", "ssl": "mqtts", "http": "mqtt", "https": "mqtts"})
        if tip is None and mistake.hint:
            tip = hint(mistake.hint.ja, mistake.hint.en)
        return report.tell(path, mistake.what, tip)

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^(?:{_MQTT})$"}


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """Where readings are kept."""

    example = '"duckdb:line.duckdb"'

    @property
    def words(self) -> Words:
        """The forms allowed."""
        return Words(
            "保存先(duckdb:ファイル名 | influx://HOST:8086/BUCKET | influxs://HOST:8086/BUCKET)",
            "the address of a store (duckdb:FILE | influx://HOST:8086/BUCKET | influxs://HOST:8086/BUCKET)",
        )

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The url as it stands."""
        if isinstance(value, str) and holds_secret(value):
            return WRONG
        match = re.fullmatch(_STORE, value) if isinstance(value, str) else None
        if isinstance(value, str) and match and value.startswith("duckdb:") and not _is_store_file(value[7:]):
            tip = hint(
                "データフォルダーの中の、ほかで使っていない名前を書きます(例: duckdb:line.duckdb)。",
                "name a file in the data directory that is nothing else there (like duckdb:line.duckdb).",
            )
            return refuse(self, value, path, report, tip)
        if match and int(match[1] or 1) <= _HIGHEST_PORT:
            return value
        return refuse(self, value, path, report, _scheme_tip(value, {"http": "influx", "https": "influxs"}))

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^(?:{_STORE})$"}


def _is_store_file(name: str) -> bool:
    """Whether a name lies in the data directory and is none of the kit's own files."""
    parts = name.replace("\\", "/").split("/")
    return not (
        set(parts) & {"", ".", ".."}
        or re.match(r"[A-Za-z]:", name)
        or parts[0].lower() in _OWN_FOLDERS
        or _OWN.fullmatch(parts[-1].lower())
    )


def _scheme_tip(value: Any, right: dict[str, str]) -> Words | None:
    scheme = value.partition(":")[0].lower() if isinstance(value, str) else ""
    if scheme not in right:
        return None
    return hint(f"{scheme}:// ではなく {right[scheme]}:// と書きます。", f"write {right[scheme]}://, not {scheme}://.")


def tell_secret(path: Path, report: Report) -> None:
    """A url with a secret in it. The secret itself is not repeated."""
    report.tell(
        path,
        Words(
            "URL に利用者名・パスワード・トークンを書いてはいけません。",
            "a url may not hold a user, password or token.",
        ),
        hint(
            "データフォルダーの secrets.toml に書きます(このファイルは人に見せるものです)。",
            "it belongs in secrets.toml in the data directory (this file is shown to people).",
        ),
    )
