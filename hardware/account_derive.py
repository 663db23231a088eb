"""The part of `kojo derive` that makes the broker's accounts: from the line to files that are ready to be copied.

    secrets.toml  ca.crt      the collector's (`kojo serve --data DIR`)
    broker/                   for a mosquitto, and for the embedded broker of `kojo serve --data DIR`
    agents/pi-1/              secrets.toml and ca.crt for the --data directory of that Pi
    teams/team-a/  people/    the same for ESP32, Node-RED, and for people who look or operate
    stations/packer/          the same for the devices of a station that has neither an agent nor a team
    authority/                what signed the broker's certificate

Running it again keeps what devices hold: the authority and every password, except what is asked to be renewed.
"""

import getpass
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from contract import broker_passwords, secrets
from contract.broker import LOOPBACK, TLS_PORT, Broker
from contract.broker_passwords import Passwords, fits, hashed, new_password
from contract.errors import NotAllowed, NotThere
from contract.line import Line
from contract.secrets import Credentials
from contract.words import Words
from hardware import account_folder, account_papers, broker_files
from hardware.accounts import as_host
from hardware.broker_accounts import COLLECTOR, Account, access_list, accounts
from hardware.broker_files import ACCESS, CA, CERTIFICATE, CONFIGURATION, INSTALL, KEY, PASSWORDS
from hardware.broker_trust import RENEW_CA, RENEW_SERVER, Trust, trust

EVERYBODY = "all"
_IGNORED = """\
# Secrets: they belong into no repository.
/secrets.toml
/*.token
/authority/
/broker/
/agents/
/teams/
/stations/
/people/
"""
_FOLDERS = {"agent": "agents", "team": "teams", "station": "stations", "viewer": "people", "operator": "people"}


@dataclass(slots=True)
class Derived:
    """What was made: users that are new, renewed, gone; users whose password is not in this folder any more."""

    broker: Broker
    trust: Trust
    all: tuple[Account, ...]
    new: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    moved: bool = False
    """The broker's settings were there and are others now, for example its port."""


def derive_accounts(
    line: Line, out: Path, now: datetime, *, hosts: Sequence[str] = (), renew: Collection[str] = ()
) -> Derived:
    """Write all of it below ``out``. ``hosts``: more names of the broker; ``renew``: accounts, `server`, `ca`, `all`.

    Raises NotThere for an unknown name in ``renew``, NotAllowed where something may not be written or replaced.
    """
    wanted = accounts(line)
    _check_renew(wanted, renew)
    _check_collectors_secrets(out)
    broker = lan_broker(line)
    made = trust(out, f"{line.site}/{line.line}", _names(broker, hosts), renew, now)
    derived = Derived(broker, made, wanted)
    kept = broker_passwords.parse((account_folder.read(out / "broker" / PASSWORDS) or b"").decode())
    hashes = {account.user: _account(out, account, kept, renew, derived) for account in wanted}
    derived.gone = [user for user in kept.kept if user not in hashes]
    _write_broker(out, line, derived, Passwords(hashes))
    _remove_gone(out, wanted)
    if not (out / ".gitignore").exists():
        account_folder.write(out / ".gitignore", _IGNORED)
    account_folder.write(out / "README.txt", account_papers.readme(derived.broker, wanted))
    return derived


def lan_broker(line: Line) -> Broker:
    """The broker with TLS that the files are for; where the line's own has no TLS, its host on the usual port."""
    broker = Broker.of(line.mqtt_url)
    return broker if broker.tls else Broker(broker.host, TLS_PORT, tls=True)


def place(out: Path, account: Account) -> Path:
    """Where an account's files lie; the collector's lie where `kojo serve` looks for them."""
    return out if account.kind == "collector" else out / _FOLDERS[account.kind] / account.id


def _names(broker: Broker, more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(as_host, (broker.host, *more, "localhost", LOOPBACK, "::1"))))


def _check_renew(wanted: Sequence[Account], renew: Collection[str]) -> None:
    known = [EVERYBODY, RENEW_SERVER, RENEW_CA, *(name for account in wanted for name in _called(account))]
    for name in renew:
        if name not in known:
            raise NotThere(
                Words(
                    f"--renew {name}: そういうアカウントはありません。", f"--renew {name}: there is no such account."
                ),
                Words(f"あるもの: {'、'.join(known)}", f"There are: {', '.join(known)}."),
            )


def _called(account: Account) -> Iterator[str]:
    yield account.user
    if account.kind in ("collector", "viewer", "operator"):
        yield account.id


def _check_collectors_secrets(out: Path) -> None:
    user = secrets.read(out).mqtt.user
    if user not in (None, COLLECTOR):
        raise NotAllowed(
            Words(
                f"{out / secrets.FILE} にはもう別のアカウント「{user}」が書かれています。上書きしません。",
                f"{out / secrets.FILE} holds another account already, {user}; it is not overwritten.",
            ),
            Words("[mqtt] を消すか、別の --out を指してください。", "Take [mqtt] out of it, or name another --out."),
        )


def _account(out: Path, account: Account, kept: Passwords, renew: Collection[str], derived: Derived) -> str:
    """Write one account's files; gives the hash for the password file."""
    folder, before = place(out, account), kept.kept.get(account.user)
    renewed = EVERYBODY in renew or any(name in renew for name in _called(account))
    if before is not None and not renewed:
        password = _password_in(folder)
        if password is None or not fits(password, before):
            derived.elsewhere.append(account.user)
            return before
        _write_account(out, account, password, derived)
        return before
    (derived.new if before is None else derived.renewed).append(account.user)
    password = new_password()
    _write_account(out, account, password, derived)
    return hashed(password)


def _password_in(folder: Path) -> str | None:
    return secrets.read(folder).mqtt.password if (folder / secrets.FILE).is_file() else None


def _write_account(out: Path, account: Account, password: str, derived: Derived) -> None:
    folder = place(out, account)
    account_folder.write(folder / CA, derived.trust.ca)
    before = (account_folder.read(folder / secrets.FILE) or b"").decode()
    told = Credentials(account.user, password, folder / CA)
    account_folder.write(folder / secrets.FILE, secrets.with_mqtt(before, told, folder / secrets.FILE))
    if account.kind not in ("agent", "collector"):
        account_folder.write(folder / account_papers.PAPER, account_papers.paper(account, derived.broker, password))
    if account.kind in ("team", "station"):
        header = account_papers.header(account, derived.broker, password, derived.trust.ca)
        account_folder.write(folder / account_papers.HEADER, header)


def _write_broker(out: Path, line: Line, derived: Derived, passwords: Passwords) -> None:
    folder = out.absolute() / "broker"
    server = derived.trust.server
    account_folder.write(folder / KEY, server.key)
    account_folder.write(folder / CERTIFICATE, server.certificate)
    account_folder.write(folder / CA, derived.trust.ca)
    account_folder.write(folder / ACCESS, access_list(line).text())
    account_folder.write(folder / PASSWORDS, passwords.text())
    text = broker_files.configuration(folder, derived.broker, getpass.getuser())
    was_there = (folder / CONFIGURATION).exists()
    derived.moved = account_folder.write(folder / CONFIGURATION, text) and was_there
    account_folder.write(folder / INSTALL, broker_files.install_script())


def _remove_gone(out: Path, wanted: Sequence[Account]) -> None:
    """A Pi that is no longer in the line: its files go, its account is gone already."""
    present = {place(out, account) for account in wanted}
    for kind in ("agents", "teams", "stations"):
        if (out / kind).is_dir():
            for folder in (out / kind).iterdir():
                if folder not in present:
                    account_folder.clear(folder, account_papers.OURS)
