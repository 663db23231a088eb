"""What `kojo doctor` finds out: each finding is good, worth knowing, or something for the user to do."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Literal

from contract import secrets
from contract.broker import Broker
from contract.errors import BrokerError, KojoError, LineError
from contract.line import Line, load
from contract.words import Words
from edge.outbox_glance import Glance, glance
from edge.sensors import catalogue
from edge.timekeeping import Timekeeping
from kojo.check import summary
from kojo.greeting import greet

State = Literal["good", "known", "bad"]
LOW, FULL = 0.10, 0.02
CONFIRMED_WITHIN_S = 60.0
"""A running agent writes down what was confirmed with its next commit: after 30 s at most, its own sign of life."""
WAITS_LONG_S = 120.0
NS = 1_000_000_000
_SECRET = ("operator.token", "viewer.token", secrets.FILE, "*.key")


@dataclass(frozen=True, slots=True)
class Finding:
    """``good``, ``known`` (worth knowing) or ``bad`` (needs the user); for what is bad the hint says what to do."""

    state: State
    what: Words
    hint: Words | None = None


def of_error(error: KojoError) -> Finding:
    """A bad finding in an error's own words."""
    return Finding("bad", error.what, error.hint)


def of_line(file: Path, data: Path) -> tuple[Finding, Line | None]:
    """The line file, and the line if it is right."""
    try:
        line = load(file, catalogue(data / "sensors"))
    except LineError as error:
        many = len(error.mistakes)
        what = Words(f"{file} に間違いが {many} 個あります。", f"{file} has {many} mistake(s).")
        return Finding("bad", Words(f"{what.ja}\n{error.what.ja}", f"{what.en}\n{error.what.en}"), _EDIT), None
    except KojoError as error:
        return of_error(error), None
    return Finding("good", summary(line)), line


_EDIT = Words(
    "上の行を直してください。「kojo check」で何度でも確かめられます。", "Mend these lines; `kojo check` looks again."
)


def of_disk(place: Path, free: int, total: int) -> Finding:
    """Free disk, in bytes: below a tenth it is said, below a fiftieth nothing more is taken in."""
    share, rest = free / max(total, 1), f"{free / 1e9:.1f} GB"
    room = Words(
        "不要なファイルを消すか、大きいディスクに移してください。", "Delete what is not needed, or take a larger disk."
    )
    if share < FULL:
        what = Words(
            f"{place} のディスクがほぼ一杯です(空き {rest}、{share:.1%})。受け取りは止まっています。",
            f"The disk of {place} is nearly full ({rest} free, {share:.1%}): nothing is taken in.",
        )
        return Finding("bad", what, room)
    if share < LOW:
        what = Words(
            f"{place} のディスクの空きが少なくなっています({rest}、{share:.0%})。",
            f"The disk of {place} is filling up: {rest} free, {share:.0%}.",
        )
        return Finding("bad", what, room)
    return Finding("good", Words(f"ディスクの空き {rest}({share:.0%})。", f"Disk: {rest} free, {share:.0%}."))


def of_secrets(data: Path) -> Iterator[Finding]:
    """Files that only their owner may read."""
    found = sorted(path for name in _SECRET for path in data.glob(name))
    wide = [path for path in found if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in wide:
        yield Finding(
            "bad",
            Words(f"{path} をほかの利用者も読めます。", f"Others can read {path}."),
            Words(f"「chmod 600 {path}」で直ります。", f"Put it right with: chmod 600 {path}"),
        )
    if not wide and (data / secrets.FILE).exists():
        try:
            secrets.read(data)
        except KojoError as error:
            yield of_error(error)
            return
    if not wide and found:
        yield Finding(
            "good",
            Words(
                f"秘密のファイル {len(found)} 個は本人だけが読めます。", f"{len(found)} secret files, each its owner's."
            ),
        )


def of_broker(broker: Broker, credentials: secrets.Credentials, client_id: str) -> Finding:
    """Whether the broker is there, is trusted and lets us in."""
    try:
        greet(broker, credentials, client_id)
    except BrokerError as error:
        return of_error(error)
    sealed_ja, sealed_en = ("、証明書も正しい", ", its certificate is right") if broker.tls else ("", "")
    return Finding(
        "good", Words(f"ブローカー {broker} につながります{sealed_ja}。", f"The broker {broker} answers{sealed_en}.")
    )


def of_clock(timekeeping: Timekeeping, now_ns: int, zone: tzinfo | None = None) -> Finding:
    """Whether somebody has set the clock; the time is told in ``zone`` (left out: this machine's)."""
    now = datetime.fromtimestamp(now_ns // NS, UTC).astimezone(zone)
    said = f"{now:%Y-%m-%d %H:%M:%S} {zone or now.tzname()}"
    if timekeeping.believes(now_ns):
        return Finding("good", Words(f"時計は設定されています({said})。", f"The clock is set ({said})."))
    return Finding(
        "bad",
        Words(f"時計がまだ設定されていません({said})。", f"Nobody has set the clock yet ({said})."),
        Words(
            "ネットワーク(NTP)につなぐか、RTC を付けてください。測定値は、時計が合ってから時刻を直して送ります。",
            "Connect it to the network (NTP), or add an RTC. Readings wait and are put right once the clock is set.",
        ),
    )


def of_outboxes(data: Path, now_ns: int) -> Iterator[Finding]:
    """The outboxes of the agents that run in this directory."""
    for file in sorted(data.glob("*.outbox.sqlite")):
        try:
            yield from of_outbox(glance(file, now_ns - round(CONFIRMED_WITHIN_S * NS)), now_ns)
        except OSError as error:
            yield Finding(
                "bad",
                Words(f"{file} を読めません({error})。", f"{file} cannot be read: {error}."),
                Words(
                    "kojo edge を起動すると、壊れたものは脇に置いて始め直します。",
                    "Start kojo edge: it sets a damaged one aside and begins anew.",
                ),
            )


def of_outbox(seen: Glance, now_ns: int) -> Iterator[Finding]:
    """One outbox: what waits, what was given up."""
    waits_s = (now_ns - seen.oldest_ns) / NS if seen.oldest_ns is not None else 0.0
    ago = _span(waits_s)
    old = Words(
        f"未確認の測定値が {seen.backlog:,} 件、いちばん古いものは {ago.ja}前です",
        f"{seen.backlog:,} readings are not confirmed, the oldest for {ago.en}",
    )
    if seen.backlog and not seen.runs:
        yield Finding(
            "bad",
            Words(
                f"{seen.agent}: kojo edge が動いていません。{old.ja}。",
                f"{seen.agent}: kojo edge does not run; {old.en}.",
            ),
            Words(
                "kojo edge を起動してください。値は消えていません。起動すれば送られます。",
                "Start kojo edge: nothing is lost so far, and it sends them.",
            ),
        )
    elif seen.backlog and waits_s > WAITS_LONG_S:
        yield Finding(
            "bad",
            Words(f"{seen.agent}: コレクターから確認が来ていません。{old.ja}。", f"{seen.agent}: {old.en}."),
            Words(
                "kojo serve が動いていて、この機械からブローカーにつながるか確かめてください。値は消えていません。",
                "See whether kojo serve runs, and whether this machine reaches the broker. Nothing is lost so far.",
            ),
        )
    else:
        # What a running agent took in the last minute may be confirmed and not yet written down.
        stopped = (
            Words("(この1分に測った分は数えていません)", " (those of the last minute are not counted)")
            if seen.runs
            else Words("(kojo edge は止まっています)", " (kojo edge is stopped)")
        )
        yield Finding(
            "good",
            Words(
                f"{seen.agent}: 手元に {seen.held:,} 件、未確認 {seen.late:,} 件{stopped.ja}。",
                f"{seen.agent}: {seen.held:,} readings held, {seen.late:,} not confirmed yet{stopped.en}.",
            ),
        )
    if seen.dropped:
        yield Finding(
            "bad",
            Words(
                f"{seen.agent}: outbox があふれて、これまでに {seen.dropped:,} 件を手放しました。",
                f"{seen.agent}: its outbox was full and gave up {seen.dropped:,} readings so far.",
            ),
            Words(
                "line.toml の [outbox] max_readings を増やすか、切れている時間を短くしてください。",
                "Raise [outbox] max_readings in line.toml, or keep outages shorter.",
            ),
        )
    if seen.asides:
        yield Finding(
            "known",
            Words(
                f"{seen.agent}: 壊れた outbox が {seen.asides} 個、脇に置いてあります。カードの寿命かもしれません。",
                f"{seen.agent}: {seen.asides} damaged outbox(es) lie aside; the card may be wearing out.",
            ),
        )


def of_server(told: Mapping[str, Any], ours: str) -> Iterator[Finding]:
    """What the running server says of itself and of the agents."""
    ingest, broker = told["ingest"], told["broker"]
    stored = Words(
        f"kojo serve が動いています(保存 {ingest['stored']:,} 件)。",
        f"kojo serve runs: {ingest['stored']:,} readings stored.",
    )
    yield Finding("good", stored)
    if broker["connected"] and broker["trouble"]:
        what = Words(
            f"kojo serve が保存できません: {broker['trouble']}", f"kojo serve cannot store: {broker['trouble']}"
        )
        yield Finding("bad", what)
    if ingest["missing"]:
        what = Words(f"欠番が {ingest['missing']:,} 件あります。", f"{ingest['missing']:,} readings are missing.")
        yield Finding("bad", what, _MISSING)
    for said in told["store"].get("care", ())[-3:]:
        yield Finding("bad" if said.get("now") else "known", Words(said["ja"], said["en"]))
    # Without its broker the server cannot know who is there.
    for agent in told["agents"] if broker["connected"] else ():
        yield from _of_agent(agent, ours)


def of_servers_broker(trouble: str | None, ours: Finding) -> Finding:
    """The server has no connection; ``ours``: what came of our own try. One cause is told once."""
    if ours.state == "bad":
        return ours
    return Finding(
        "bad",
        Words(
            f"kojo serve はブローカーにつながっていません({trouble or 'つなぎ始めたところ'})。",
            f"kojo serve is not connected to the broker: {trouble or 'it only begins to'}.",
        ),
        Words(
            "この機械からブローカーには届いています。1分待っても直らなければ、kojo serve を起動し直してください。",
            "The broker can be reached from here. If it lasts for a minute, start kojo serve anew.",
        ),
    )


def _of_agent(agent: Mapping[str, Any], ours: str) -> Iterator[Finding]:
    name, version = agent["agent"], agent.get("version")
    if agent.get("conflict"):
        what = Words(f"「{name}」という名前のエージェントが2台動いています。", f"Two agents run under the name {name}.")
        one = Words("片方を止めてください。", "Stop one of them.")
        yield Finding("bad", what, one)
    elif agent.get("state") != "online":
        what = Words(f"エージェント {name} につながっていません。", f"The agent {name} is not connected.")
        power = Words(
            "Pi の電源・ネットワークと kojo edge を確かめてください。", "See to the Pi's power, network and kojo edge."
        )
        yield Finding("bad", what, power)
    if version and version != ours:
        what = Words(
            f"エージェント {name} の版は {version}(こちらは {ours})。動作に問題はありません。",
            f"The agent {name} has version {version} (here: {ours}); they work together.",
        )
        yield Finding("known", what)


_MISSING = Words(
    "エージェントの電源が入っていれば、残っている分は送られて来て減ります。",
    "Where the agents are powered, they send what they still hold and the number falls.",
)


def _span(seconds: float) -> Words:
    for unit_s, ja, en in ((86400.0, "日", "days"), (3600.0, "時間", "hours"), (60.0, "分", "minutes")):
        if seconds >= 2 * unit_s:
            return Words(f"{seconds / unit_s:.0f} {ja}", f"{seconds / unit_s:.0f} {en}")
    return Words(f"{seconds:.0f} 秒", f"{seconds:.0f} seconds")


def worst(findings: Iterable[Finding]) -> bool:
    """Whether something needs the user."""
    return any(finding.state == "bad" for finding in findings)
