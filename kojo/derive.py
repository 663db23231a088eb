"""``kojo derive``: what follows from the line, written out. So far the broker's accounts and certificates."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contract.broker import Broker
from contract.errors import NotThere
from contract.line import Line, load
from contract.words import Words
from edge.sensors import catalogue
from hardware.account_derive import Derived, derive_accounts
from kojo.data_directory import DataDirectory


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for: names of the broker besides that of the line's url, and what is to be made anew."""

    hosts: Sequence[str] = ()
    renew: Collection[str] = ()


Part = Callable[[Line, Path, Wishes], None]


def derive(line_file: Path, out: Path, only: Sequence[str], wishes: Wishes) -> int:
    """Write the parts asked for (all of them, if none is named) below ``out``; 0 when done."""
    for name in only:
        if name not in PARTS:
            raise NotThere(
                Words(f"--only {name}: まだ作れません。", f"--only {name}: that cannot be made yet."),
                Words(f"いま作れるもの: {'、'.join(PARTS)}", f"What can be made now: {', '.join(PARTS)}."),
            )
    line = load(line_file, catalogue(out / "sensors"))
    with DataDirectory(out, "derive") as directory:
        for name in only or PARTS:
            PARTS[name](line, directory.path, wishes)
    return 0


def _accounts(line: Line, out: Path, wishes: Wishes) -> None:
    derived = derive_accounts(line, out, datetime.now(UTC), hosts=wishes.hosts, renew=wishes.renew)
    for said in (*_what_was_done(derived), *_what_to_mind(line, derived)):
        print(said)
    print(Words(f"次にすること: {out / 'README.txt'}", f"What to do next: {out / 'README.txt'}"))


PARTS: dict[str, Part] = {"accounts": _accounts}
"""Wiring pictures, pin table and parts list follow."""


def _what_was_done(derived: Derived) -> list[Words]:
    users = "、".join(account.user for account in derived.all)
    said = [
        Words(
            f"ブローカー {derived.broker} のアカウント {len(derived.all)}: {users}",
            f"{len(derived.all)} accounts for the broker {derived.broker}: {users}",
        )
    ]
    if derived.new:
        said.append(Words(f"  新しいアカウント: {'、'.join(derived.new)}", f"  new: {', '.join(derived.new)}"))
    if derived.renewed:
        many = ", ".join(derived.renewed)
        said.append(
            Words(
                f"  パスワードを替えました: {many}(その機器に新しい secrets.toml を)",
                f"  new passwords: {many} (give these devices their new secrets.toml)",
            )
        )
    if derived.gone:
        said.append(Words(f"  なくしたアカウント: {'、'.join(derived.gone)}", f"  removed: {', '.join(derived.gone)}"))
    if derived.trust.new_ca:
        said.append(
            Words(
                "  認証局を作りました(すべての機器にこの ca.crt が要ります)",
                "  a new authority (every device needs this ca.crt)",
            )
        )
    elif derived.trust.new_server:
        said.append(Words("  ブローカーの証明書を作り直しました", "  a new certificate for the broker"))
    return said


def _what_to_mind(line: Line, derived: Derived) -> list[Words]:
    said = []
    if derived.moved:
        said.append(
            Words(
                "注意: ブローカーの設定(ポートなど)が変わりました。mosquitto なら broker/ を写し直して"
                "「sudo sh install.sh」をもう一度実行し、再起動します。内蔵なら kojo serve を起動し直します。"
                "機器にも新しい番地を入れてください。",
                "Mind: the broker's settings (its port …) changed. For a mosquitto copy broker/ again, run `sudo sh "
                "install.sh` and restart it; for the embedded one start kojo serve anew. Devices need the new address.",
            )
        )
    if derived.elsewhere:
        many = ", ".join(derived.elsewhere)
        said.append(
            Words(
                f"注意: {many} のパスワードはこのフォルダーにありません(今のまま使えます)。"
                "分からなくなったら --renew で替えてください。",
                f"Mind: the passwords of {many} are not in this folder (they stay valid). "
                "If they are lost, change them with --renew.",
            )
        )
    if not Broker.of(line.mqtt_url).tls:
        said.append(
            Words(
                f"注意: line.toml の [mqtt] url = {line.mqtt_url} は TLS を使いません。アカウントを使うには "
                "embedded:HOST:8883 か mqtts://HOST:8883 にして、もう一度どうぞ。",
                f"Mind: [mqtt] url = {line.mqtt_url} in line.toml uses no TLS. To use these accounts write "
                "embedded:HOST:8883 or mqtts://HOST:8883 and run this again.",
            )
        )
    return said
