"""One greeting to a broker, to see whether it is there, is trusted, and lets us in. Nothing is published or heard."""

import socket
import ssl
import struct

from contract.broker import Broker
from contract.broker_trouble import not_let_in, not_trusted, plainly
from contract.errors import BrokerError
from contract.secrets import Credentials
from contract.words import Words

WITHIN_S = 5.0
_OTHER_ID = 2
"""The account is right and belongs to another client id, whose connection we must not take."""


def greet(broker: Broker, credentials: Credentials, client_id: str) -> None:
    """Connect, say CONNECT (MQTT 3.1.1, clean session), hear CONNACK, leave. Raises BrokerError."""
    try:
        with socket.create_connection((broker.host, broker.port), WITHIN_S) as plain:
            if not broker.tls:
                code = _say_connect(plain, credentials, client_id)
            else:
                trusted = ssl.create_default_context(cafile=str(credentials.ca) if credentials.ca else None)
                with trusted.wrap_socket(plain, server_hostname=broker.host) as sealed:
                    code = _say_connect(sealed, credentials, client_id)
    except OSError as error:
        raise not_trusted(broker, error) or _away(broker, error) from error
    if code and code != _OTHER_ID:
        raise not_let_in(broker, credentials.user, code)


def _say_connect(link: socket.socket, credentials: Credentials, client_id: str) -> int:
    user, password = credentials.user, credentials.password
    flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if user is not None and password is not None else 0)
    body = _text("MQTT") + struct.pack(">BBH", 4, flags, 10) + _text(client_id)
    body += _text(user) if user is not None else b""
    body += _text(password) if user is not None and password is not None else b""
    link.sendall(b"\x10" + _length(len(body)) + body)
    heard = b""
    while len(heard) < 4:
        piece = link.recv(4 - len(heard))
        if not piece:
            raise ConnectionError("it hung up without a word")
        heard += piece
    link.sendall(b"\xe0\x00")
    return heard[3] if heard[0] == 0x20 else 1


def _text(said: str) -> bytes:
    told = said.encode()
    return struct.pack(">H", len(told)) + told


def _length(many: int) -> bytes:
    said = b""
    while True:
        many, digit = divmod(many, 128)
        said += bytes([digit | (0x80 if many else 0)])
        if not many:
            return said


def _away(broker: Broker, error: OSError) -> BrokerError:
    why = plainly(error)
    hint = (
        Words(
            "「kojo serve」を起動してください。ブローカーも一緒に動きます。",
            "Start `kojo serve`: it runs the broker, too.",
        )
        if broker.embedded
        else Words(
            "ブローカー(mosquitto など)が動いているか、番地とケーブルを確かめてください。",
            "See whether the broker (mosquitto …) runs; check its address and the cable.",
        )
    )
    return BrokerError(
        Words(f"ブローカー {broker} につながりません({why.ja})。", f"The broker {broker} cannot be reached: {why.en}."),
        hint,
    )
