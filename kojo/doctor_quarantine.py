"""What `kojo doctor` says of the quarantine: what it holds, why, and the command that takes it in again."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from collector.store import Refused
from contract.line import Line
from contract.quarantine_words import hint, named, remedy
from contract.words import Words
from kojo.address import parse, remembered, url
from kojo.findings import Finding

SHOWN, MOST_IDS = 3, 50
_MAY_BE_RIGHT_LATER = ("wrong_kind", "level", "not_a_total", "ahead", "store_refused", "not_judged")


def can_be_judged_again(reason: str) -> bool:
    """Whether a message of that reason may be believed once the line, or a clock, is put right; else never."""
    return reason.startswith("unknown") or reason in _MAY_BE_RIGHT_LATER


def gathered(messages: Sequence[Refused]) -> list[dict[str, Any]]:
    """Messages of one reason and topic together, the commonest first: reason, topic, detail, many, ids.

    All but the first few are one: ``kinds``, how many of these.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in messages:
        told = found.setdefault(
            (one.reason, one.topic),
            {"reason": one.reason, "topic": one.topic, "detail": one.detail, "many": 0, "ids": []},
        )
        told["many"] += 1
        if len(told["ids"]) < MOST_IDS:
            told["ids"].append(one.id)
    kinds = sorted(found.values(), key=lambda told: -told["many"])
    rest = kinds[SHOWN:]
    more = [{"kinds": len(rest), "many": sum(told["many"] for told in rest)}] if rest else []
    return kinds[:SHOWN] + more


def of_quarantine(reasons: Mapping[str, int]) -> Iterator[Finding]:
    """Messages in quarantine of a store that nobody serves: the commonest reasons first, each with what to do."""
    if not reasons:
        yield Finding("good", Words("隔離されたメッセージはありません。", "No message is in quarantine."))
    for reason, many in Counter(reasons).most_common(SHOWN):
        why = named(reason)
        what = Words(f"隔離 {many:,} 件: {why.ja}。", f"In quarantine: {many:,}, {why.en}.")
        yield Finding("bad", what, hint(reason))
    if len(reasons) > SHOWN:
        yield _rest(len(reasons) - SHOWN, sum(sorted(reasons.values())[:-SHOWN]))
    if reasons:
        yield Finding(
            "known",
            Words(
                "kojo serve が動いているときに kojo doctor を実行すると、取り込む命令と捨てる命令が出ます。",
                "While kojo serve runs, kojo doctor shows the commands that take these in, or throw them away.",
            ),
        )


def of_refused(
    gathered: Sequence[Mapping[str, Any]], line: Line | None, data: Path, in_all: int = 0
) -> Iterator[Finding]:
    """The same, asked from the server that runs: with topic, the nearest name, and the command.

    ``in_all``: how many messages there are; only the newest thousand were gathered.
    """
    rest = in_all - sum(told["many"] for told in gathered if "kinds" not in told)
    for told in gathered:
        if "kinds" in told:
            yield _rest(told["kinds"], max(rest, told["many"]))
            continue
        detail_ja, _, detail_en = str(told["detail"]).partition(" / ")
        what = Words(
            f"隔離 {told['many']:,} 件: {detail_ja}トピック {told['topic']}",
            f"In quarantine: {told['many']:,}. {detail_en or detail_ja} Topic {told['topic']}",
        )
        yield Finding("bad", what, _what_to_do(told, line, data))


def _rest(kinds: int, many: int) -> Finding:
    return Finding(
        "bad",
        Words(
            f"隔離は、ほかに {kinds} 種類・{many:,} 件あります。", f"In quarantine: {many:,} more, of {kinds} kinds."
        ),
        Words(
            "上のものを片付けてから、もう一度 kojo doctor を実行してください。",
            "See to those above, then run kojo doctor again.",
        ),
    )


def _what_to_do(told: Mapping[str, Any], line: Line | None, data: Path) -> Words:
    reason, ids = told["reason"], told["ids"]
    do = remedy(told["topic"], reason, line)
    part = Words("", "") if told["many"] <= len(ids) else Words(f"({len(ids)} 件ずつ)", f" ({len(ids)} at a time)")
    discard = command(data, "discard", ids)
    if not can_be_judged_again(reason):
        return Words(
            f"{do.ja}直したら、もう一度送ってください。ここにある分は判定し直しても取り込めません。"
            f"捨てる命令{part.ja}(操作用トークンを使います):\n    {discard}",
            f"{do.en} Then send them again: these here can never be taken in. To throw them away{part.en}, with the "
            f"operator's token:\n    {discard}",
        )
    replay = command(data, "replay", ids)
    return Words(
        f"{do.ja}要らなければ、下の replay を discard に変えると捨てられます。"
        f"直したあと、もう一度判定する命令{part.ja}(操作用トークンを使います):\n    {replay}",
        f"{do.en} (discard instead of replay throws them away.) Then judge them again{part.en}, with the operator's "
        f"token:\n    {replay}",
    )


def command(data: Path, verb: str, ids: Sequence[str]) -> str:
    """The command, one line for a shell; ``verb`` is ``replay`` or ``discard``."""
    host, port = parse(remembered(data) or "127.0.0.1:8000")
    where = url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)
    body = json.dumps({"ids": list(ids)}, separators=(",", ":"))
    return (
        f'curl {where}/api/v1/quarantine/{verb} -H "Authorization: Bearer $(cat {data}/operator.token)" '
        f"-H \"Content-Type: application/json\" -d '{body}'"
    )
