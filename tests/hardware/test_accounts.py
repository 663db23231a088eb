"""The authority and the broker's certificate, as openssl judges them."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hardware.accounts import Pair, as_host, ends, is_signed_by, names_of, new_authority, new_server
from tests.servers import need

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOSTS = ("factory-pc.local", "192.168.1.5", "127.0.0.1", "::1")


@pytest.fixture(scope="module")
def authority() -> Pair:
    return new_authority("akita/wash", NOW)


@pytest.fixture(scope="module")
def server(authority: Pair) -> Pair:
    return new_server(authority, HOSTS, NOW)


def verified(directory: Path, authority: Pair, server: Pair, *more: str) -> bool:
    (directory / "ca.crt").write_bytes(authority.certificate)
    (directory / "server.crt").write_bytes(server.certificate)
    command = [need("openssl"), "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(directory / "ca.crt")]
    done = subprocess.run(
        [*command, *more, str(directory / "server.crt")], capture_output=True, check=False, timeout=30
    )
    return done.returncode == 0


@pytest.mark.parametrize(
    "more",
    [
        ("-verify_hostname", "factory-pc.local"),
        ("-verify_ip", "192.168.1.5"),
        ("-verify_ip", "::1"),
        ("-attime", str(int(NOW.timestamp()))),
        ("-attime", "86400"),
    ],
    ids=["its name", "its address", "the loopback address", "today", "a Pi that believes it is 1970"],
)
def test_openssl_trusts_it(authority: Pair, server: Pair, tmp_path: Path, more: tuple[str, str]) -> None:
    assert verified(tmp_path, authority, server, *more)


@pytest.mark.parametrize(
    "more",
    [
        ("-verify_hostname", "other.local"),
        ("-verify_ip", "192.168.1.6"),
        ("-attime", str(int((NOW + timedelta(days=6 * 365)).timestamp()))),
    ],
)
def test_openssl_does_not_trust_it_elsewhere_or_too_late(
    authority: Pair, server: Pair, tmp_path: Path, more: tuple[str, str]
) -> None:
    assert not verified(tmp_path, authority, server, *more)


def test_another_authority_did_not_sign_it(authority: Pair, server: Pair, tmp_path: Path) -> None:
    other = new_authority("akita/wash", NOW)
    assert not verified(tmp_path, other, server)
    assert not is_signed_by(server.certificate, other.certificate)
    assert is_signed_by(server.certificate, authority.certificate)


def test_it_names_what_it_is_for_and_until_when(authority: Pair, server: Pair) -> None:
    assert names_of(server.certificate) == set(HOSTS)
    assert ends(server.certificate) - NOW > timedelta(days=4 * 365)
    assert ends(authority.certificate) - NOW > timedelta(days=15 * 365)


def test_a_certificate_does_not_outlive_its_authority() -> None:
    old = new_authority("old", NOW - timedelta(days=19 * 365))
    assert ends(new_server(old, HOSTS, NOW).certificate) == ends(old.certificate)


def test_a_key_is_not_shown(server: Pair) -> None:
    assert "PRIVATE" not in repr(server)


@pytest.mark.parametrize(
    ("said", "host"), [("Factory-PC.local", "factory-pc.local"), ("::0001", "::1"), ("10.0.0.1", "10.0.0.1")]
)
def test_a_host_is_spelt_as_certificates_do(said: str, host: str) -> None:
    assert as_host(said) == host
