"""Where the broker is: the address that ``[mqtt] url`` in line.toml names.

    embedded                 kojo serve runs it on 127.0.0.1:1883
    embedded:PORT            the same on another port
    embedded:HOST:PORT       kojo serve runs it on the LAN, with TLS and the derived accounts
    mqtt://HOST[:1883]       a broker of your own
    mqtts://HOST[:8883]      the same with TLS

>>> Broker.of("mqtts://broker.example").port
8883
"""

import re
from dataclasses import dataclass, replace
from typing import Never
from urllib.parse import urlsplit

from contract.errors import LineError, Mistake
from contract.words import Words

LOOPBACK = "127.0.0.1"
PLAIN_PORT = 1883
TLS_PORT = 8883

_HINT = Words(
    "embedded、embedded:1883、embedded:HOST:8883、mqtt://HOST:1883、mqtts://HOST:8883 のどれかの形で書いてください。",
    "Write embedded, embedded:1883, embedded:HOST:8883, mqtt://HOST:1883 or mqtts://HOST:8883.",
)
_SECRET_HINT = Words(
    "利用者名とパスワードは secrets.toml の [mqtt] に書いてください。",
    "User and password belong in secrets.toml, under [mqtt].",
)
_HOST = re.compile(r"[0-9A-Za-z_.:-]+")


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker's address. ``embedded``: `kojo serve` runs it itself, and it speaks MQTT 3.1.1."""

    host: str
    port: int
    tls: bool = False
    embedded: bool = False

    @staticmethod
    def of(url: str) -> "Broker":
        """The address a url names. Raises LineError with one mistake, at ``mqtt.url``."""
        if url == "embedded" or url.startswith("embedded:"):
            return _embedded(url)
        return _own(url)

    @property
    def is_open_to_lan(self) -> bool:
        """Whether the embedded broker listens to other machines (then only with TLS and accounts)."""
        return self.embedded and self.tls

    @property
    def binds(self) -> str | None:
        """The address it listens on: the loopback address where ``host`` is that, else all of them (None).

        Not what its name stands for: on many machines the own name is 127.0.1.1.
        """
        if self.host == "localhost":
            return LOOPBACK
        return self.host if self.host.startswith("127.") or self.host == "::1" else None

    @property
    def from_here(self) -> "Broker":
        """How the machine that runs the embedded broker reaches it, whatever the network knows of its name."""
        return replace(self, host=self.binds or LOOPBACK) if self.embedded else self

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def _embedded(url: str) -> Broker:
    _, _, where = url.partition(":")
    host, _, port = where.rpartition(":")
    if not where and url != "embedded":
        _refuse(Words(f"「{url}」にはポート番号がありません。", f'"{url}" has no port.'))
    number = _port(url, port) if where else PLAIN_PORT
    return (
        Broker(_host(url, host), number, tls=True, embedded=True) if host else Broker(LOOPBACK, number, embedded=True)
    )


def _own(url: str) -> Broker:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        _refuse(Words(f"「{url}」はアドレスとして読めません。", f'"{url}" is not an address.'))
    if parts.username is not None or parts.password is not None:
        _refuse(
            Words("アドレスに利用者名やパスワードを書かないでください。", "A url must not hold a user or password."),
            _SECRET_HINT,
        )
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        _refuse(Words(f"「{url}」はブローカーのアドレスではありません。", f'"{url}" is not the address of a broker.'))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        _refuse(Words(f"「{url}」のポート番号より後ろは不要です。", f'"{url}": nothing may follow the port.'))
    tls = parts.scheme == "mqtts"
    number = _port(url, str(port)) if port is not None else (TLS_PORT if tls else PLAIN_PORT)
    return Broker(_host(url, parts.hostname), number, tls)


def _port(url: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        _refuse(
            Words(
                f"「{url}」の「{text}」はポート番号(1〜65535)ではありません。",
                f'"{url}": "{text}" is not a port (1 to 65535).',
            )
        )
    return int(text)


def _host(url: str, text: str) -> str:
    host = text.removeprefix("[").removesuffix("]")
    if not _HOST.fullmatch(host):
        if "@" in text:
            _refuse(
                Words(
                    "アドレスに利用者名やパスワードを書かないでください。", "A url must not hold a user or password."
                ),
                _SECRET_HINT,
            )
        _refuse(
            Words(f"「{url}」の「{text}」はホスト名ではありません。", f'"{url}": "{text}" is not the name of a host.')
        )
    return host


def _refuse(what: Words, hint: Words = _HINT) -> Never:
    raise LineError([Mistake("line.toml", 0, "mqtt.url", what, hint)])
