"""The broker's certificate and who signed it, kept from one `kojo derive` to the next: devices hold `ca.crt`.

authority/ca.key, ca.crt      the private authority; the key is needed only to sign, and may be kept elsewhere
broker/server.crt, server.key signed anew when a name is missing, when little of it is left, or when asked for
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contract.errors import NotAllowed
from contract.words import Words
from hardware import account_folder
from hardware.accounts import RENEW_WITHIN, Pair, ends, is_signed_by, names_of, new_authority, new_server
from hardware.broker_files import CA, CERTIFICATE, KEY

AUTHORITY, CA_KEY = "authority", "ca.key"
RENEW_CA, RENEW_SERVER = "ca", "server"


@dataclass(frozen=True, slots=True)
class Trust:
    """What devices trust (``ca``), what the broker shows (``server``), and what was made anew just now."""

    ca: bytes
    server: Pair
    new_ca: bool
    new_server: bool


def trust(out: Path, name: str, hosts: Sequence[str], renew: Collection[str], now: datetime) -> Trust:
    """Keep or make authority and certificate; nothing is written yet but what is new.

    Raises NotAllowed where a new certificate is needed and the authority's key is not there.
    """
    ca = account_folder.read(out / AUTHORITY / CA) or account_folder.read(out / "broker" / CA)
    key = account_folder.read(out / AUTHORITY / CA_KEY)
    new_ca = ca is None or RENEW_CA in renew
    if new_ca:
        made = new_authority(name, now)
        ca, key = made.certificate, made.key
    assert ca is not None
    server = _kept(out, ca, hosts, now) if RENEW_SERVER not in renew else None
    if server is not None:
        return Trust(ca, server, new_ca, new_server=False)
    if key is None:
        raise _no_key(out)
    made = new_server(Pair(ca, key), hosts, now)
    if new_ca:
        account_folder.write(out / AUTHORITY / CA_KEY, key)
        account_folder.write(out / AUTHORITY / CA, ca)
    return Trust(ca, made, new_ca, new_server=True)


def _kept(out: Path, ca: bytes, hosts: Sequence[str], now: datetime) -> Pair | None:
    certificate = account_folder.read(out / "broker" / CERTIFICATE)
    key = account_folder.read(out / "broker" / KEY)
    if certificate is None or key is None or not is_signed_by(certificate, ca):
        return None
    if ends(certificate) - now < RENEW_WITHIN or names_of(certificate) != frozenset(hosts):
        return None
    return Pair(certificate, key)


def _no_key(out: Path) -> NotAllowed:
    place = out / AUTHORITY / CA_KEY
    return NotAllowed(
        Words(
            f"ブローカーの証明書を作り直すのに要る鍵 {place} がありません。",
            f"The broker's certificate must be made anew, but the key for it, {place}, is not there.",
        ),
        Words(
            "保管してあるものを戻すか、「--renew ca」で認証局から作り直してください(全機器の ca.crt を入れ替えます)。",
            "Put back the one you keep, or begin with a new authority: --renew ca (every device needs the new ca.crt).",
        ),
    )
