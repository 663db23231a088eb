"""Why a broker is not trusted, or does not let us in, in the words of the floor: for the agent and for the collector.

Nothing here leads to an unverified link: each of these is said, and tried again as before.
"""

import errno
import time
from collections.abc import Mapping
from typing import Any

from contract.broker import PLAIN_PORT, TLS_PORT, Broker
from contract.errors import BrokerError
from contract.words import Words

WARN_DAYS = 60
_NOT_YET_VALID, _EXPIRED, _NAME, _ADDRESS = 9, 10, 62, 64
_UNKNOWN_SIGNER = (18, 19, 20, 21)
"""OpenSSL's X509_V_ERR_…: signed by itself, by itself in the chain, issuer not there, first not verified."""
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
NO_ANSWER = Words("応答がありません", "it does not answer")
_BAD_ID = (2, 133)
"""CONNACK codes, MQTT 3.1.1 and 5: this client id is not for you."""


def not_trusted(broker: Broker, error: Exception) -> BrokerError | None:
    """What a failed TLS handshake means; None where the error is no matter of TLS.

    The error's type is looked at by name, so that a program that uses no TLS need not load it.
    """
    kind = type(error).__name__
    if kind == "SSLCertVerificationError":
        return _certificate(broker, int(getattr(error, "verify_code", 0)), str(error))
    if "X509" in str(error) or "PEM" in str(error):
        return BrokerError(
            Words(
                f"認証局の証明書を読めません({error})。", f"The certificate of the authority cannot be read: {error}."
            ),
            _COPY_CA,
        )
    if kind.startswith("SSL") or (broker.tls and isinstance(error, ConnectionResetError)):
        return BrokerError(
            Words(
                f"ブローカー {broker} と TLS で話せないため、つなぎません({error})。",
                f"TLS with the broker {broker} failed, so we do not connect: {error}.",
            ),
            Words(
                f"ポートを確かめてください(TLS は普通 {TLS_PORT}、{PLAIN_PORT} は平文です)。",
                f"Hint: look at the port (TLS is usually {TLS_PORT}; {PLAIN_PORT} is plain).",
            ),
        )
    return None


def plainly(error: Exception) -> Words:
    """Why a call did not get through, without the system's own English."""
    number = getattr(error, "errno", None)
    if isinstance(error, ConnectionRefusedError):
        return Words("そこでは何も動いていません", "nobody listens there")
    if type(error).__name__ == "gaierror":
        return Words("その名前の機器が見つかりません", "no machine has that name")
    if isinstance(error, TimeoutError):
        return NO_ANSWER
    if number in _NO_WAY:
        return Words("そこへ届くネットワークがありません", "no network leads there")
    if isinstance(error, ConnectionError):
        return Words("接続が切られました", "the connection was cut")
    told = str(error) or type(error).__name__
    return Words(f"通信できません: {told}", told)


def hung_up(broker: Broker) -> BrokerError:
    """The broker ended the connection at our greeting, without a word."""
    return BrokerError(
        Words(
            f"ブローカー {broker} は、あいさつに答えずに切りました。",
            f"The broker {broker} hung up at our greeting without a word.",
        ),
        None
        if broker.tls
        else Words(
            f"TLS のポート({TLS_PORT} など)なら、[mqtt] url を mqtts://{broker.host}:{broker.port} にします。",
            f"Hint: if its port is one with TLS (like {TLS_PORT}), write mqtts://{broker.host}:{broker.port} "
            "as [mqtt] url in line.toml.",
        ),
    )


def not_let_in(broker: Broker, user: str | None, code: int) -> BrokerError:
    """The broker does not know our user or password, or the account is somebody else's."""
    if code in _BAD_ID:
        return BrokerError(
            Words(
                f"ブローカー {broker} のアカウント「{user or '-'}」は、このプログラムのものではありません。",
                f"The account {user or '-'} at the broker {broker} is not this program's.",
            ),
            Words(
                "別の機器の secrets.toml を写していないか確認してください。",
                "Hint: see whether secrets.toml was copied from another device.",
            ),
        )
    if user is None:
        return BrokerError(
            Words(
                f"ブローカー {broker} にはアカウントが要ります。",
                f"The broker {broker} lets in only those with an account.",
            ),
            Words(
                "「kojo derive」が作った secrets.toml と ca.crt(Pi なら、agents/ の下のその Pi の"
                "フォルダーの中身)を、--data のフォルダーに写してください。",
                "Hint: copy the secrets.toml and ca.crt that `kojo derive` made (for a Pi: what is in its folder below "
                "agents/) into the --data directory.",
            ),
        )
    return BrokerError(
        Words(
            f"ブローカー {broker} が利用者「{user}」を受け付けません。",
            f"The broker {broker} does not let in the user {user}.",
        ),
        Words(
            "secrets.toml の [mqtt] を確認してください。パスワードを替えたなら、新しい secrets.toml を写します。",
            "Hint: look at [mqtt] in secrets.toml; if the password was renewed, copy the new secrets.toml here.",
        ),
    )


def may_not_confirm(broker: Broker, user: str | None) -> BrokerError:
    """The collector's account may not write: agents would keep everything for ever."""
    return BrokerError(
        Words(
            f"ブローカー {broker} の利用者「{user or '-'}」は、エージェントへの確認を書けません。値は保存しますが、"
            "エージェントは送り終えたことを知りません。",
            f"The user {user or '-'} of the broker {broker} may not confirm to the agents. Readings are stored, but "
            "agents do not learn it.",
        ),
        Words(
            "kojo serve には collector のアカウント(kojo derive の DIR/secrets.toml)を使ってください。",
            "Hint: give kojo serve the collector's account (DIR/secrets.toml of `kojo derive`).",
        ),
    )


def certificate_ends_soon(broker: Broker, certificate: Mapping[str, Any], now_s: float) -> Words | None:
    """A warning where a verified certificate (as `ssl.SSLSocket.getpeercert` tells it) ends within 60 days."""
    told = certificate.get("notAfter")
    if not told:
        return None
    import ssl

    left = (ssl.cert_time_to_seconds(told) - now_s) / 86_400
    if left > WARN_DAYS:
        return None
    return Words(
        f"ブローカー {broker} の証明書はあと {left:.0f} 日で切れます。「kojo derive」で作り直し、入れ直してください。",
        f"The certificate of the broker {broker} ends in {left:.0f} days. Run `kojo derive` and give it the new one.",
    )


_COPY_CA = Words(
    "kojo derive が作ったこのブローカーの ca.crt を --data のフォルダーに置き、secrets.toml の [mqtt] ca で指します。",
    "Hint: put this broker's ca.crt (made by `kojo derive`) into the --data directory and name it as ca under [mqtt] "
    "in secrets.toml.",
)


def _certificate(broker: Broker, code: int, said: str) -> BrokerError:
    if code in _UNKNOWN_SIGNER:
        why = Words("知っている認証局が署名したものではありません", "it is not signed by an authority we know")
        return _untrusted(broker, why, _COPY_CA)
    if code in (_NAME, _ADDRESS):
        why = Words(f"「{broker.host}」のものではありません", f"it is not for {broker.host}")
        return _untrusted(
            broker,
            why,
            Words(
                f"line.toml の [mqtt] url の番地を確かめ、合っていれば「kojo derive --host {broker.host}」で作り直して"
                "ブローカーに入れ直します。",
                f"Hint: look at [mqtt] url in line.toml; if it is right, run `kojo derive --host {broker.host}` and "
                "give the broker its new certificate.",
            ),
        )
    if code in (_EXPIRED, _NOT_YET_VALID):
        clock = time.strftime("%Y-%m-%d %H:%M")
        why = (
            Words("期限が切れています", "it has expired")
            if code == _EXPIRED
            else Words("まだ有効になっていません", "it is not valid yet")
        )
        return _untrusted(
            broker,
            why,
            Words(
                f"時計({clock})が正しければ、「kojo derive --renew server」で作り直し、ブローカーに入れ直します。",
                f"Hint: if this machine's clock ({clock}) is right, run `kojo derive --renew server` and give the "
                "broker its new certificate.",
            ),
        )
    return _untrusted(broker, Words(said, said), _COPY_CA)


def _untrusted(broker: Broker, why: Words, hint: Words) -> BrokerError:
    return BrokerError(
        Words(
            f"ブローカー {broker} の証明書を信用できないため、つなぎません({why.ja})。",
            f"The certificate of the broker {broker} cannot be trusted, so we do not connect: {why.en}.",
        ),
        hint,
    )
