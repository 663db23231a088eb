"""``kojo derive``: what follows from the line, written out: papers for building it, and the broker's accounts."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from contract.broker import Broker
from contract.catalogue import Catalogue
from contract.errors import NotThere
from contract.line import Line, load
from contract.words import Words
from edge.sensors import catalogue
from hardware import wiring_derive
from hardware.account_derive import Derived, derive_accounts
from hardware.wiring_derive import Papers, Plan
from hardware.wiring_doubt import LEVELS
from kojo.data_directory import DataDirectory


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for: names of the broker besides that of the line's url, and what is to be made anew."""

    hosts: Sequence[str] = ()
    renew: Collection[str] = ()


@dataclass(frozen=True)
class Work:
    """One run: the line, the types it may name, where things go, and what was asked for."""

    line: Line
    catalogue: Catalogue
    out: Path
    wishes: Wishes

    @cached_property
    def plan(self) -> Plan:
        """What is wired, and what is doubtful in it; worked out once for all papers."""
        return wiring_derive.plan(self.line, self.catalogue, self.out)


Part = Callable[[Work], None]


def derive(line_file: Path, out: Path, only: Sequence[str], wishes: Wishes) -> int:
    """Write the parts asked for (all of them, if none is named) below ``out``; 0 when done."""
    asked = _parts_of(only)
    types = catalogue(out / "sensors")
    line = load(line_file, types)
    with DataDirectory(out, "derive") as directory:
        work = Work(line, types, directory.path, wishes)
        for name in asked:
            PARTS[name](work)
    return 0


def _parts_of(only: Sequence[str]) -> Sequence[str]:
    """The parts named, in their own order: ``--only wiring,pins`` and ``--only wiring --only pins`` say the same."""
    named = {name.strip() for words in only for name in words.split(",")}
    for name in sorted(named - PARTS.keys()):
        raise NotThere(
            Words(f"--only {name}: まだ作れません。", f"--only {name}: that cannot be made yet."),
            Words(
                f"いま作れるもの: {'、'.join(PARTS)}(いくつかは , で区切ります)",
                f"What can be made now: {', '.join(PARTS)} (several with a comma between).",
            ),
        )
    return [name for name in PARTS if not named or name in named]


def _wiring(work: Work) -> None:
    plan = work.plan
    _wrote(Words("配線図", "wiring pictures"), wiring_derive.write_pictures(plan, work.out))
    for said in _doubts(plan):
        print(said)


def _pins(work: Work) -> None:
    _wrote(Words("ピン表", "pin tables"), wiring_derive.write_pins(work.plan, work.out))


def _checklist(work: Work) -> None:
    papers = wiring_derive.write_checklists(work.plan, work.out)
    _wrote(Words("電源を入れる前の点検表", "checklists before power on"), papers)


def _parts(work: Work) -> None:
    plan = work.plan
    _wrote(Words("部品表", "parts list"), wiring_derive.write_parts(plan, work.out))
    for said in wiring_derive.said_of_parts(plan.lists):
        print(said)


def _wrote(what: Words, papers: Papers) -> None:
    many = ", ".join(papers.written) or "-"
    print(Words(f"{what.ja}: {papers.folder} に {many}", f"{what.en}, in {papers.folder}: {many}"))


def _doubts(plan: Plan) -> list[Words]:
    """Every warning of every Pi, numbered as in its picture."""
    return [
        Words(
            f"  {pi} ▲{number} {LEVELS[doubt.level].ja} {doubt.device}: {doubt.what.ja}{doubt.todo.ja}",
            f"  {pi} ▲{number} {LEVELS[doubt.level].en}: {doubt.device}: {doubt.what.en} {doubt.todo.en}",
        )
        for pi, found in plan.found.items()
        for number, doubt in enumerate(found, 1)
    ]


def _accounts(work: Work) -> None:
    line, out = work.line, work.out
    derived = derive_accounts(line, out, datetime.now(UTC), hosts=work.wishes.hosts, renew=work.wishes.renew)
    for said in (*_what_was_done(derived), *_what_to_mind(line, derived)):
        print(said)
    print(Words(f"次にすること: {out / 'README.txt'}", f"What to do next: {out / 'README.txt'}"))


PARTS: dict[str, Part] = {
    "wiring": _wiring,
    "pins": _pins,
    "checklist": _checklist,
    "parts": _parts,
    "accounts": _accounts,
}


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
