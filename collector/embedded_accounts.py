"""The accounts that `kojo derive` made, as the embedded broker uses them: the same files that a mosquitto reads.

accounts = Accounts(DIR / "broker")
accounts.let_in("pi-1", password)
accounts.may("pi-1", "write", "kojo/v1/akita/wash/washer/done/count")
"""

import logging
import ssl
from collections.abc import Mapping
from pathlib import Path

from contract import broker_access, broker_passwords
from contract.broker_access import Access, AccessList
from contract.broker_passwords import Passwords
from contract.errors import KojoError, NotAllowed
from contract.words import Words

log = logging.getLogger(__name__)

PASSWORDS, ACCESS, CERTIFICATE, KEY = FILES = ("passwords", "access", "server.crt", "server.key")
COLLECTOR = "_collector"


class Accounts:
    """Passwords, access list and certificate of one folder; `refresh` reads them again once they changed.

    Raises NotAllowed where the folder does not hold them, or they cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise no_accounts(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._passwords, self._access = Passwords({}), AccessList({})
        self._seen: Mapping[str, tuple[int, int, int]] = {}
        try:
            self._read()
        except (OSError, ValueError) as error:
            raise _unreadable(folder, error) from error

    def let_in(self, user: str | None, password: str | None) -> bool:
        """Whether this is the user's password."""
        return self._passwords.let_in(user, password)

    def may(self, user: str | None, access: Access, topic: str) -> bool:
        """Whether the user may read or write a topic."""
        return user is not None and self._access.may(user, access, topic)

    def may_be(self, user: str | None, client_id: str) -> bool:
        """Whether the user may call itself so: the ids of agents and collectors belong to their accounts."""
        if not client_id.startswith("kojo:"):
            return True
        _, *rest = client_id.split(":")
        if len(rest) != 4:
            return False
        kind, name = rest[2:]
        return (kind == "agent" and user == name) or (kind in ("collector", "kpi") and user == COLLECTOR)

    def refresh(self) -> frozenset[str]:
        """Read changed files again; the users who are gone or have another password now."""
        if self._stamps() == self._seen:
            return frozenset()
        before = self._passwords.kept
        try:
            self._read()
        except (OSError, ValueError) as error:  # half copied: what was read before goes on
            log.error("%s", _unreadable(self._folder, error))
            self._seen = self._stamps()
            return frozenset()
        log.info("%s", Words("ブローカーのアカウントを読み直しました。", "The broker's accounts were read again."))
        now = self._passwords.kept
        return frozenset(user for user, kept in before.items() if now.get(user) != kept)

    def _read(self) -> None:
        seen, folder = self._stamps(), self._folder
        access = broker_access.parse((folder / ACCESS).read_text("utf-8"), str(folder / ACCESS))
        passwords = broker_passwords.parse((folder / PASSWORDS).read_text("utf-8"))
        self.context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
        self._access, self._passwords, self._seen = access, passwords, seen

    def _stamps(self) -> Mapping[str, tuple[int, int, int]]:
        stamps = {}
        for name in FILES:
            try:
                told = (self._folder / name).stat()
            except OSError:
                continue
            stamps[name] = (told.st_mtime_ns, told.st_size, told.st_ino)
        return stamps


def no_accounts(folder: Path | None = None, line: Path | None = None) -> NotAllowed:
    """There are no accounts (in ``folder``): the broker stays closed. ``line``: the line's file, for the command."""
    make = f"kojo derive --line {line or 'line.toml'} --out {folder.parent if folder else 'data'}"
    where = Words(f"({folder} にありません)", f" (none in {folder})") if folder else Words("", "")
    return NotAllowed(
        Words(
            f"この番地で内蔵ブローカーを開くには、TLS とアカウントが必要です{where.ja}。",
            f"The embedded broker opens an address with a host only with TLS and accounts{where.en}.",
        ),
        Words(
            f"先に「{make}」でアカウントを作り、その --out の場所を --data にしてください"
            "(mosquitto を使う、または「embedded」でこのPCだけにすることもできます)。",
            f"Make the accounts with `{make}` first and use that --out as --data "
            "(or use a mosquitto, or write `embedded`: this machine only).",
        ),
    )


def _unreadable(folder: Path, error: Exception) -> NotAllowed:
    why = error.say() if isinstance(error, KojoError) else str(error)
    return NotAllowed(
        Words(
            f"{folder} のブローカーのアカウントを読めません: {why}",
            f"The broker's accounts in {folder} cannot be read: {why}",
        ),
        Words(
            "「kojo derive」で作り直すか、持ち主と権限を直してください。",
            "Run `kojo derive` again, or mend owner and rights.",
        ),
    )
