"""What `kojo doctor` says of the quarantine: what it holds, why, and the command that takes it in again."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from collector.store import Refused
from contract.line import Line
from contract.line_report import did_you_mean, nearest
from contract.words import Words
from kojo.address import parse, remembered, url
from kojo.findings import Finding
from kojo.quarantine_hints import hint, named

SHOWN, MOST_IDS = 3, 50


def gathered(messages: Sequence[Refused]) -> list[dict[str, Any]]:
    """Messages of one reason and topic together, the commonest first: reason, topic, detail, many, ids."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in messages:
        told = found.setdefault(
            (one.reason, one.topic),
            {"reason": one.reason, "topic": one.topic, "detail": one.detail, "many": 0, "ids": []},
        )
        told["many"] += 1
        if len(told["ids"]) < MOST_IDS:
            told["ids"].append(one.id)
    return sorted(found.values(), key=lambda told: -told["many"])[:SHOWN]


def of_quarantine(reasons: Mapping[str, int]) -> Iterator[Finding]:
    """Messages in quarantine of a store that nobody serves: the commonest reasons first, each with what to do."""
    if not reasons:
        yield Finding("good", Words("隔離されたメッセージはありません。", "No message is in quarantine."))
    for reason, many in Counter(reasons).most_common(SHOWN):
        why = named(reason)
        what = Words(f"隔離 {many:,} 件: {why.ja}。", f"In quarantine: {many:,}, {why.en}.")
        again = Words(
            "そのあと kojo serve を起動し、もう一度 kojo doctor を実行すると、取り込む命令が出ます。",
            "Then start kojo serve and run kojo doctor again: it shows the command that takes them in.",
        )
        do = hint(reason)
        yield Finding("bad", what, Words(f"{do.ja}{again.ja}", f"{do.en} {again.en}"))


def of_refused(gathered: Sequence[Mapping[str, Any]], line: Line | None, data: Path) -> Iterator[Finding]:
    """The same, asked from the server that runs: with topic, the nearest name, and the command."""
    for told in gathered:
        detail_ja, _, detail_en = str(told["detail"]).partition(" / ")
        what = Words(
            f"隔離 {told['many']:,} 件: {detail_ja}トピック {told['topic']}",
            f"In quarantine: {told['many']:,}. {detail_en or detail_ja} Topic {told['topic']}",
        )
        do = _misspelt(told["topic"], told["reason"], line) or hint(told["reason"])
        command = replay(data, told["ids"])
        yield Finding(
            "bad",
            what,
            Words(
                f"{do.ja}直したあと、もう一度判定する命令(操作用トークンを使います):\n    {command}",
                f"{do.en} Then judge them again (with the operator's token):\n    {command}",
            ),
        )


def replay(data: Path, ids: Sequence[str]) -> str:
    """The command, one line for a shell."""
    host, port = parse(remembered(data) or "127.0.0.1:8000")
    where = url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)
    body = json.dumps({"ids": list(ids)}, separators=(",", ":"))
    return (
        f'curl {where}/api/v1/quarantine/replay -H "Authorization: Bearer $(cat {data}/operator.token)" '
        f"-H \"Content-Type: application/json\" -d '{body}'"
    )


def _misspelt(topic: str, reason: str, line: Line | None) -> Words | None:
    """What a topic that the line does not know may have meant."""
    series = line.topics.series(topic) if line is not None else None
    if line is None or series is None or not reason.startswith("unknown"):
        return None
    station = line.stations.get(series.station)
    if station is None:
        near = nearest(series.station, line.stations)
    elif series.sensor not in station.sensors:
        near = nearest(series.sensor, station.sensors)
    else:
        measures = (m.key for m in station.sensors[series.sensor].measures)
        near = nearest(series.measure, measures)
    if near is None:
        return None
    meant = did_you_mean(near)
    return Words(
        f"{meant.ja}送る側のトピックを直してください(この分はもう一度送ります。要らなければそのままで構いません)。"
        "その名前が正しいなら line.toml に書き足して kojo serve を起動し直します。",
        f"{meant.en} Mend the topic at the sender, and send these again (or leave them). If the name is right, add it "
        "to line.toml and start kojo serve anew.",
    )
