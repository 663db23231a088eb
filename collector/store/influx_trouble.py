"""What goes wrong with InfluxDB, in our errors and in plain words."""

from typing import Any

from contract.errors import KojoError, NotAllowed, StoreAway, StoreError, StoreFull, StoreRefused
from contract.words import Words


class StoreNotAllowed(StoreError, NotAllowed):
    """The server does not let us in: at the start a person must mend it, later it may be let us in again."""


def trouble(error: Any, address: str, bucket: str) -> KojoError:
    """What an HTTP error or a broken wire means: refused for good, full, not allowed, no such bucket, or away."""
    status, said = getattr(error, "status", None), sentence(error)
    if status in (401, 403):
        return not_allowed(address, bucket)
    if status == 404:
        return no_bucket(address, bucket)
    if "no space left" in said:
        return StoreFull(
            Words(f"InfluxDB に空きがありません: {said}", f"InfluxDB is full: {said}"),
            Words(
                "サーバーのディスクを空けてください。1.x は空いたあと、続けて2回の再起動が要ります"
                "(1回では、その後に書いたものが次の再起動で消えます)。それまで何も受け取りません。",
                "Make room on the server's disk; then restart a 1.x twice in a row (after one restart, what is written "
                "next is gone at the following one). Until then nothing is taken.",
            ),
        )
    if status in (400, 413, 422):
        return StoreRefused(Words(f"InfluxDB が受け取りません: {said}", f"InfluxDB refuses it: {said}"))
    return away(address, said)


def away(address: str, said: str) -> StoreAway:
    """The server does not answer, or not as a server should."""
    what = Words(f"InfluxDB({address})に届きません: {said}", f"InfluxDB at {address} is away: {said}")
    if "certificate" in said.lower():
        return StoreAway(
            what,
            Words(
                "サーバーの証明書を確かめられません。社内の認証局の証明書を環境変数 SSL_CERT_FILE で指してください。",
                "Its certificate cannot be verified. Point SSL_CERT_FILE at the certificate of your own authority.",
            ),
        )
    return StoreAway(
        what,
        Words(
            "サーバーが動いているか、line.toml の [store] url を確かめてください。つながり次第、続きから書きます。",
            "Check that the server runs, and [store] url in line.toml. Writing goes on as soon as it answers.",
        ),
    )


def not_allowed(address: str, bucket: str) -> StoreNotAllowed:
    """The credentials are missing, wrong, or not enough for this bucket."""
    return StoreNotAllowed(
        Words(
            f"InfluxDB({address})が、この資格情報でバケット {bucket} を使うことを断りました。",
            f"InfluxDB at {address} does not let these credentials use the bucket {bucket}.",
        ),
        Words(
            "secrets.toml の [store] を確かめてください(2.x と 3.x は token、1.8 は user と password)。",
            "Check [store] in secrets.toml: token for 2.x and 3.x, user and password for 1.8.",
        ),
    )


def no_bucket(address: str, bucket: str) -> StoreError:
    """There is no such bucket, or it does not keep what is written."""
    return StoreError(
        Words(
            f"InfluxDB({address})にバケット {bucket} がないか、書いたものが残りません。",
            f"InfluxDB at {address} has no bucket {bucket}, or does not keep what is written to it.",
        ),
        Words(
            f"保存期間を無期限にして作ってください: influx bucket create --name {bucket} --retention 0"
            f"(1.8 は CREATE DATABASE {bucket})。",
            f"Make it, with unlimited retention: influx bucket create --name {bucket} --retention 0 "
            f"(1.8: CREATE DATABASE {bucket}).",
        ),
    )


def too_old(version: str, needed: str) -> StoreError:
    """A server that may keep either of two values when one is written over the other."""
    return StoreError(
        Words(
            f"InfluxDB {version} は、上書きした値と元の値のどちらが残るかを保証しません。",
            f"InfluxDB {version} may keep either of two values when one is written over the other.",
        ),
        Words(f"{needed} 以降に更新してください。", f"Update it to {needed} or later."),
    )


def sentence(error: Any) -> str:
    """What the server or the network said, on one line."""
    said = getattr(error, "body", None) or getattr(error, "reason", None) or error
    said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(said.split())[:500]
