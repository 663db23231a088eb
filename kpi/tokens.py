"""The two tokens of a data directory, and what is sealed with them: codes that let a device join, and its cookies.

    DIR/viewer.token      read
    DIR/operator.token    read and write
    DIR/joined/           which pairing codes were used in the last minutes

Tokens are made at the first start, mode 0600, one line, no default, and compared in constant time. A file that changes
while the service runs counts at once: who replaces or deletes it ends every cookie and every code of its role. A
pairing code proves that somebody who can read DIR made it within the last ten minutes; it holds for one joining, across
restarts too. A cookie is no token: it can be traded for nothing, and ends by itself.
"""

import base64
import hashlib
import hmac
import logging
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from contract.errors import NotAllowed
from contract.whole_file import sync_names, write_whole
from contract.words import Words

log = logging.getLogger(__name__)

Role = Literal["viewer", "operator"]
ROLES: tuple[Role, ...] = ("operator", "viewer")

CODE_LIVES_S = 600
AHEAD_S = 60
"""A code may be so much younger than our clock says."""

COOKIE_LIVES_S: dict[Role, int] = {"operator": 90 * 86400, "viewer": 365 * 86400}
_SHORTEST = 20
_NS = 1_000_000_000


class Tokens:
    """The tokens of one data directory. ``now_ns`` is the wall clock that codes and cookies expire by.

    Raises NotAllowed where a token's file cannot be made, can be read by others, or holds no token.
    """

    def __init__(self, directory: Path, now_ns: Callable[[], int]) -> None:
        self._files: dict[Role, TokenFile] = {role: TokenFile(directory / f"{role}.token") for role in ROLES}
        self._joined = directory / "joined"
        self._now_ns = now_ns

    def role(self, token: str) -> Role | None:
        """Whose token this is, or None. Both are compared, whatever the first says."""
        said = token.encode("utf-8", "replace")
        found = [role for role in ROLES if hmac.compare_digest(said, self._files[role].now() or _nobody())]
        return found[0] if found else None

    def token(self, role: Role) -> str:
        """The token of a role. Raises NotAllowed where its file is no good now."""
        return self._key(role).decode()

    def cookie(self, role: Role) -> str:
        """What a device that joined keeps: good for :data:`COOKIE_LIVES_S` and no longer than the token's file."""
        made = f"{role[0]}{self._now_s():x}.{secrets.token_hex(8)}"
        return f"{made}.{self._seal(role, 'cookie', made)}"

    def role_of_cookie(self, cookie: str) -> Role | None:
        """Whose cookie this is; None if it is nobody's, or too old."""
        role, made = self._sealed("cookie", cookie)
        if role is None or self._now_s() - _made_at(made) > COOKIE_LIVES_S[role]:
            return None
        return role

    def pair_code(self, role: Role) -> str:
        """A code that a device can trade once for the role's cookie, for ten minutes."""
        made = f"{role[0]}{self._now_s():x}.{secrets.token_hex(4)}"
        return f"{made}.{self._seal(role, 'pair', made)}"

    def pair(self, code: str) -> Role | None:
        """The role a code stands for; None if it is wrong, too old, or was used before."""
        role, made = self._sealed("pair", code)
        if role is None or not -AHEAD_S <= self._now_s() - _made_at(made) <= CODE_LIVES_S:
            return None
        return role if self._use(made) else None

    def _use(self, made: str) -> bool:
        """Note on disk that a code is used; False where it was, or cannot be noted: nobody may join twice."""
        try:
            self._joined.mkdir(mode=0o700, exist_ok=True)
            for used in self._joined.iterdir():
                if self._now_s() - _made_at(used.name) > CODE_LIVES_S:
                    used.unlink(missing_ok=True)
            with (self._joined / made).open("x"):
                sync_names(self._joined)
                return True
        except OSError as error:
            if not (self._joined / made).exists():
                log.error("%s", Words(f"登録を記録できません: {error}", f"nobody can join, it cannot be kept: {error}"))
            return False

    def _sealed(self, purpose: str, text: str) -> tuple[Role | None, str]:
        """The role that sealed a text, and what it sealed."""
        made, _, seal = text[:128].rpartition(".")
        role = next((r for r in ROLES if made.startswith(r[0])), None)
        if role is None or self._files[role].now() is None:
            return None, ""
        right = hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(role, purpose, made).encode())
        return (role, made) if right else (None, "")

    def _seal(self, role: Role, purpose: str, made: str) -> str:
        said = f"kojo {purpose} {role} {made}".encode("utf-8", "replace")
        return base64.b32encode(hmac.new(self._key(role), said, hashlib.sha256).digest()[:15]).decode().lower()

    def _key(self, role: Role) -> bytes:
        return self._files[role].needed()

    def _now_s(self) -> int:
        return self._now_ns() // _NS


class TokenFile:
    """The file of one token, as it is now: a look at its date and mode at each question, read again when it changed.

    Raises NotAllowed if it is no good at the start. Later such a file opens for nobody until it is mended, and is said.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._token: bytes | None = _new(path) if _is_empty(path) else _token(path)
        self._seen = _seen(path)
        self._trouble: NotAllowed | None = None

    def now(self) -> bytes | None:
        """The token, or None while the file is no good."""
        seen = _seen(self._path)
        with self._lock:
            if seen is None or seen != self._seen:
                self._read_again()
            return self._token

    def needed(self) -> bytes:
        """The token. Raises NotAllowed while the file is no good."""
        token = self.now()
        if token is None:
            raise self._trouble or NotAllowed(Words("トークンがありません。", "There is no token."))
        return token

    def _read_again(self) -> None:
        before = self._token
        try:
            self._token = _token(self._path)
        except NotAllowed as error:
            if str(error) != str(self._trouble):
                log.error("%s", error)
            self._token, self._trouble = None, error
        else:
            self._trouble = None
            if before not in (None, self._token):
                log.warning("%s", Words(f"{self._path.name} が変わりました。", f"{self._path.name} has changed."))
        self._seen = _seen(self._path)


def _made_at(made: str) -> int:
    """The second in which something sealed was made; long ago for what was not made by us."""
    try:
        return int(made[1:].partition(".")[0], 16)
    except ValueError:
        return 0


def _nobody() -> bytes:
    """What no token equals."""
    return secrets.token_bytes(32)


def _seen(path: Path) -> tuple[int, ...] | None:
    """What changes when a file does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size, found.st_mode


def _token(path: Path) -> bytes:
    """The token in a file; made if there is no file. Raises NotAllowed where others could read it."""
    if path.exists():
        return _read(path)
    return _new(path)


def _new(path: Path) -> bytes:
    made = secrets.token_urlsafe(32)
    try:
        write_whole(path, made + "\n")
    except OSError as error:
        raise NotAllowed(
            Words(f"{path} を作れません: {error.strerror}", f"{path} cannot be made: {error.strerror}."),
            Words("フォルダーの権限を確かめてください。", "Check the rights of the folder."),
        ) from error
    return made.encode()


def _is_empty(path: Path) -> bool:
    """Whether a power cut left a file without content; while we run, one that is empty is being written by a person."""
    try:
        empty = path.is_file() and path.stat().st_size == 0
    except OSError:
        return False
    if empty:
        log.warning(
            "%s", Words(f"{path} が空だったので、新しいトークンにしました。", f"{path} was empty: a new token is made.")
        )
    return empty


def _read(path: Path) -> bytes:
    try:
        mode, token = path.stat().st_mode, path.read_bytes().strip()
    except OSError as error:
        raise NotAllowed(
            Words(f"{path} を読めません: {error.strerror}", f"{path} cannot be read: {error.strerror}."),
            Words("持ち主と権限を確かめてください。", "Check its owner and its rights."),
        ) from error
    if os.name == "posix" and mode & 0o077:
        raise NotAllowed(
            Words(f"{path} がほかの利用者から読めます。", f"{path} can be read by others."),
            Words(f"「chmod 600 {path}」を実行してください。", f"Run: chmod 600 {path}"),
        )
    if len(token) < _SHORTEST or not all(0x21 <= byte <= 0x7E for byte in token):
        raise NotAllowed(
            Words(
                f"{path} はトークンではありません(1 行、{_SHORTEST} 文字以上の英数字です)。",
                f"{path} holds no token: one line of at least {_SHORTEST} letters and digits.",
            ),
            Words("ファイルを消すと作り直します。", "Delete the file; a new one is made."),
        )
    return token
