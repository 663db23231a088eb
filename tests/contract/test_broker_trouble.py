"""Why a broker was not reached, in plain words of both languages."""

import errno
import socket

import pytest

from contract.broker_trouble import plainly


@pytest.mark.parametrize(
    ("error", "ja", "en"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "何も動いていません", "nobody listens"),
        (TimeoutError("timed out"), "応答がありません", "does not answer"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "ネットワークがありません", "no network leads there"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "ネットワークがありません", "no network leads there"),
        (socket.gaierror(-2, "Name or service not known"), "見つかりません", "no machine has that name"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "切られました", "was cut"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "切られました", "was cut"),
    ],
)
def test_what_the_system_says_is_said_plainly(error: OSError, ja: str, en: str) -> None:
    why = plainly(error)
    assert ja in why.ja
    assert en in why.en
    assert "Errno" not in why.ja + why.en
    assert not any(letter.isascii() and letter.isalpha() for letter in why.ja)


def test_what_is_not_known_is_said_as_it_was() -> None:
    assert plainly(OSError(errno.EMFILE, "Too many open files")).ja.startswith("通信できません: ")
