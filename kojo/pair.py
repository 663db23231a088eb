"""``kojo pair``: an address by which a phone, a wall or a browser joins, good once and for ten minutes.

Shown as a QR code in the terminal, or written as a picture. The address is one that a phone can reach: that of the
machine in its network, where `kojo serve` listens there.
"""

import ipaddress
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from contract.errors import NotThere
from contract.words import Words
from kojo.address import answers, lan_addresses, parse, remembered, url
from kojo.doctor_serve import is_demo
from kojo.qr import drawn, picture
from kpi.tokens import Role, Tokens

DEFAULT = "127.0.0.1:8000"


def pair(
    data: Path,
    http: str | None,
    role: Role,
    out: Path | None = None,
    ours: Callable[[], Sequence[str]] = lan_addresses,
) -> int:
    """Show the address; only who can read the data directory's tokens can make one.

    ``http``: where `kojo serve` listens (None: where it said it does); ``ours``: this machine's addresses.
    """
    if not (data / f"{role}.token").exists():
        raise NotThere(
            Words(f"{data} に {role}.token がありません。", f"There is no {role}.token in {data}."),
            Words(
                "先に kojo serve を一度動かすか、そのデータの場所を --data で指してください。",
                "Run kojo serve once, or name its data directory with --data.",
            ),
        )
    host, port = parse(http or remembered(data) or DEFAULT)
    names = list(ours()) or ["127.0.0.1"] if _is_everywhere(host) else [host]
    code = Tokens(data, time.time_ns).pair_code(role)
    address = f"{url(names[0], port)}/pair?code={code}"
    if out is not None:
        picture(address, out)
    print(address, flush=True)
    if out is None:
        print(drawn(address, sys.stdout), flush=True)
    command = "kojo demo" if is_demo(data) else "kojo serve"
    for words in (_what_it_does(role, out), _later(role, data, command), *_cautions(names, host, port, command)):
        print(words, file=sys.stderr, flush=True)
    return 0


def _what_it_does(role: Role, out: Path | None) -> Words:
    where_ja, where_en = (
        ("この QR コード", "this QR code") if out is None else (f"{out} の QR コード", f"the code in {out}")
    )
    may_ja = "見て、操作もできます" if role == "operator" else "見ることができます"
    may_en = "look and operate" if role == "operator" else "look"
    return Words(
        f"{where_ja}を端末のカメラで読み取ると、その端末から{may_ja}(1 回だけ、10 分以内)。",
        f"A device whose camera reads {where_en} may {may_en} (good once, for ten minutes).",
    )


def _later(role: Role, data: Path, command: str) -> Words:
    """A wall only looks; and a device may be lost."""
    token = data / f"{role}.token"
    wall = (
        Words(
            "壁の画面など、見るだけの端末には「kojo pair --role viewer」を使ってください。",
            "For a wall, or any device that only looks: kojo pair --role viewer. ",
        )
        if role == "operator"
        else Words("", "")
    )
    return Words(
        f"{wall.ja}端末をなくしたら: {token} を消して {command} を起動し直すと、これまでの登録は全部無効になります。",
        f"{wall.en}If a device is lost: delete {token} and start {command} anew; all that joined so must join again.",
    )


def _cautions(names: Sequence[str], host: str, port: int, command: str) -> list[Words]:
    """What keeps a device from joining, and what to do about it."""
    found = []
    if _is_loopback(names[0]):
        found.append(
            Words(
                f"注意: {command} はこの機械の中からしか開けません。"
                "スマホや壁の画面から開くには、次のように動かし直してください:\n"
                f"  {command} --http 0.0.0.0:{port} …",
                f"Note: {command} answers on this machine only. For a phone or a wall start it again like this:\n"
                f"  {command} --http 0.0.0.0:{port} …",
            )
        )
    if len(names) > 1:
        others = "、".join(url(name, port) for name in names[1:])
        found.append(
            Words(
                f"端末が別のネットワークにいるときは --http で選べます: {others}",
                f"For a device in another network choose with --http: {others.replace('、', ', ')}",
            )
        )
    if not answers("127.0.0.1" if _is_everywhere(host) else host, port):
        found.append(
            Words(
                f"注意: いま {url(names[0], port)} では何も動いていません。10 分以内に {command} を動かしてください。",
                f"Note: nothing answers at {url(names[0], port)} now. Start {command} within ten minutes.",
            )
        )
    return found


def _is_everywhere(host: str) -> bool:
    return host in ("0.0.0.0", "::")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
