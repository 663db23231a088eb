"""The two tokens of a data directory, and codes that let a phone or a wall join.

    DIR/viewer.token      read
    DIR/operator.token    read and write

Made at the first start, mode 0600, one line, no default. They are compared in constant time. A pairing code proves that
somebody who can read DIR made it within the last ten minutes; it holds for one joining.
"""

import base64
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from contract.errors import NotAllowed
from contract.words import Words

Role = Literal["viewer", "operator"]
ROLES: tuple[Role, ...] = ("operator", "viewer")

CODE_LIVES_S = 600
_NS = 1_000_000_000


class Tokens:
    """The tokens of one data directory. ``now_ns`` is the wall clock that pairing codes expire by."""

    def __init__(self, directory: Path, now_ns: Callable[[], int]) -> None:
        self._tokens: dict[Role, bytes] = {role: _token(directory / f"{role}.token") for role in ROLES}
        self._now_ns = now_ns
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def role(self, token: str) -> Role | None:
        """Whose token this is, or None. Both are compared, whatever the first says."""
        said = token.encode("utf-8", "replace")
        found = [role for role in ROLES if hmac.compare_digest(said, self._tokens[role])]
        return found[0] if found else None

    def token(self, role: Role) -> str:
        """The token of a role."""
        return self._tokens[role].decode()

    def pair_code(self, role: Role) -> str:
        """A code that a device can trade once for the role's cookie, for ten minutes."""
        made = f"{role[0]}{self._now_ns() // _NS:x}.{secrets.token_hex(4)}"
        return f"{made}.{self._seal(role, made)}"

    def pair(self, code: str) -> Role | None:
        """The role a code stands for; None if it is wrong, too old, or was used before."""
        made, _, seal = code[:128].rpartition(".")
        role = next((r for r in ROLES if made.startswith(r[0])), None)
        if role is None or not hmac.compare_digest(seal.encode(), self._seal(role, made).encode()):
            return None
        at, now = int(made[1:].partition(".")[0], 16), self._now_ns() // _NS
        with self._lock:
            self._used = {used: when for used, when in self._used.items() if now - when <= CODE_LIVES_S}
            if not -60 <= now - at <= CODE_LIVES_S or made in self._used:
                return None
            self._used[made] = now
        return role

    def _seal(self, role: Role, made: str) -> str:
        digest = hmac.new(self._tokens[role], f"kojo pair {role} {made}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:15]).decode().lower()


def _token(path: Path) -> bytes:
    """The token in a file; made if there is no file. Raises NotAllowed where others could read it."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise NotAllowed(
            Words(f"{path} を作れません: {error.strerror}", f"{path} cannot be made: {error.strerror}."),
            Words("フォルダーの権限を確かめてください。", "Check the rights of the folder."),
        ) from error
    made = secrets.token_urlsafe(32)
    with os.fdopen(number, "w") as file:
        file.write(made + "\n")
        file.flush()
        os.fsync(file.fileno())
    return made.encode()


def _read(path: Path) -> bytes:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise NotAllowed(
            Words(f"{path} がほかの利用者から読めます。", f"{path} can be read by others."),
            Words(f"「chmod 600 {path}」を実行してください。", f"Run: chmod 600 {path}"),
        )
    token = path.read_text(encoding="utf-8").strip()
    if len(token) < 20:
        raise NotAllowed(
            Words(f"{path} のトークンが短すぎます。", f"The token in {path} is too short."),
            Words("ファイルを消して起動し直すと作り直します。", "Delete the file; the next start makes a new one."),
        )
    return token.encode()
