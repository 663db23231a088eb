"""The broker's password file, in mosquitto's own form: one ``user:$7$iterations$salt$hash`` a line.

The hash is PBKDF2 with SHA-512. Passwords are random (190 bits), so the iterations need not slow anybody down: no
guessing reaches them, and a broker on a small Pi checks one in milliseconds.
Source: mosquitto_passwd(1); mosquitto 2.0, src/password_mosq.c (a salt of 12 bytes).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

ITERATIONS = 1000
_SALT_BYTES = 12
_LETTERS = string.ascii_letters + string.digits


def new_password() -> str:
    """A random password of 32 letters and digits: no shell, file or sketch reads anything into them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(32))


def hashed(password: str) -> str:
    """How the file keeps a password, under a new salt."""
    return _hash(password, secrets.token_bytes(_SALT_BYTES), ITERATIONS)


def fits(password: str, kept: str) -> bool:
    """Whether it is the password that was kept, in a time that does not tell how nearly."""
    try:
        kind, iterations, salt, _ = kept.removeprefix("$").split("$")
        again = _hash(password, base64.b64decode(salt, validate=True), int(iterations))
    except (ValueError, OverflowError, binascii.Error):
        return False
    return kind == "7" and hmac.compare_digest(again.encode(), kept.encode())


def _hash(password: str, salt: bytes, iterations: int) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


_NOBODY = hashed(new_password())


@dataclass(frozen=True, slots=True)
class Passwords:
    """The file's content: each user's hash."""

    kept: Mapping[str, str] = field(repr=False)

    def let_in(self, user: str | None, password: str | None) -> bool:
        """Whether this user gave the right password. An unknown user takes as long as a known one."""
        right = fits(password or "", self.kept.get(user or "", _NOBODY))
        return right and user in self.kept

    def text(self) -> str:
        """The file."""
        return "".join(f"{user}:{kept}\n" for user, kept in self.kept.items())


def parse(text: str) -> Passwords:
    """The users of a file; lines of another form are nobody's."""
    pairs = (line.strip().partition(":") for line in text.splitlines())
    return Passwords({user: kept for user, colon, kept in pairs if colon and kept.startswith("$7$")})
