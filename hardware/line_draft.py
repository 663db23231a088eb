"""A first line.toml from a few answers, with a remark beside each setting: what `kojo init` writes.

    text = written(LineDraft(site="akita", line="wash", name="部品洗浄ライン", …))

It says only what a line needs to count pieces and stops; docs/line.md has all the rest.
"""

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from contract.words import Language, Words

Kind = Literal["pulse", "external"]


@dataclass(frozen=True, slots=True)
class StationDraft:
    """One station: ``ideal_cycle_s`` in seconds, and where its pieces are counted (``pin``: BCM, for a pulse)."""

    id: str
    name: str
    ideal_cycle_s: float
    kind: Kind = "pulse"
    pin: int = 17


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as somebody describes it in a minute. Times are "HH:MM", ``breaks`` "HH:MM-HH:MM"."""

    site: str
    line: str
    name: str
    timezone: str
    shift: str
    start: str
    end: str
    breaks: tuple[str, ...]
    agent: str
    stations: tuple[StationDraft, ...]


def written(draft: LineDraft, lang: Language = "ja") -> str:
    """The text of the file."""
    parts = [_head(draft, lang), *(_station(station, draft.agent, lang) for station in draft.stations)]
    if len(draft.stations) > 1:
        parts.append(_flow(draft, lang))
    return "\n".join(parts)


def _head(draft: LineDraft, lang: Language) -> str:
    breaks = ", ".join(f'"{one}"' for one in draft.breaks)
    rows: list[tuple[str, Words | None]] = [
        ("", Words("ラインの定義。書けることは全部 docs/line.md に。直したら: kojo check line.toml",
                   "The line. All that may stand here: docs/line.md. After a change: kojo check line.toml")),
        ("schema = 1", None),
        (f'site = "{draft.site}"', Words("会社・工場の id。MQTT のトピックになります", "site, part of MQTT topics")),
        (f'line = "{draft.line}"', Words("ラインの id", "line, part of MQTT topics")),
        (f"name = {_quoted(draft.name)}", None),
        (f'timezone = "{draft.timezone}"', None),
        ('day_starts = "00:00"', Words("1日の区切り。夜勤があるなら、その終わりより後に",
                                       "the business day is cut here; with a night shift: after its end")),
        ("", None),
        ("[mqtt]", None),
        ('url = "embedded"', Words("この機械の中だけ。Pi が別の機械なら docs/guide.md「ブローカーのアカウントと TLS」",
                                   "this machine only; for a Pi elsewhere see accounts and TLS in docs/guide.md")),
        ("", None),
        ("[[shifts]]", Words("勤務。二直なら、この固まりをもう一つ", "a shift; write another one for a second shift")),
        (f"name = {_quoted(draft.shift)}", None),
        ('days = ["mon", "tue", "wed", "thu", "fri"]', None),
        (f'start = "{draft.start}"', None),
        (f'end = "{draft.end}"', Words("start より早ければ、日をまたぎます", "earlier than start: past midnight")),
        (f"breaks = [{breaks}]", None),
        ("", None),
        ("[[reasons]]", Words("停止の理由。名前は現場の言葉で、いくつでも", "why it stood, in your own words")),
        ('id = "changeover"', None),
        (f"name = {_quoted(Words('段取り・調整', 'Set-up').say(lang))}", None),
        ('loss = "setup"', Words("failure setup tool startup minor starved blocked quality none のどれか",
                                 "one of failure setup tool startup minor starved blocked quality none")),
        ("", None),
        ("[[reasons]]", None),
        ('id = "breakdown"', None),
        (f"name = {_quoted(Words('故障', 'Breakdown').say(lang))}", None),
        ('loss = "failure"', None),
        ("", None),
    ]  # fmt: skip
    return _text(rows, lang)


def _station(station: StationDraft, agent: str, lang: Language) -> str:
    rows: list[tuple[str, Words | None]] = [
        (f"[stations.{station.id}]", None),
        (f"name = {_quoted(station.name)}", None),
    ]
    if station.kind == "pulse":
        rows.append((f'agent = "{agent}"', Words("センサーを読む Pi の id", "which Pi reads it")))
    rows += [
        (f"ideal_cycle_s = {station.ideal_cycle_s}", _IDEAL),
        ("", None),
        (f"[stations.{station.id}.sensors.done]", _PULSE if station.kind == "pulse" else _EXTERNAL),
        (f'type = "{station.kind}"', None),
        ('role = "cycle"', Words("1回 = 1個", "one count is one piece")),
    ]
    if station.kind == "pulse":
        rows.append((f"pin = {station.pin}", Words("GPIO の番号(BCM)", "BCM number")))
    else:
        rows.append(('measures = { count = { kind = "total" } }', _TOTAL))
    return _text([*rows, ("", None)], lang)


_IDEAL = Words(
    "1個の、くり返せるいちばん良い秒数(平均ではない)。間隔がこの2倍を超えると停止",
    "the best repeatable seconds of one piece, not the average; a gap of more than twice that is a stop",
)
_TOTAL = Words("total = 積算値、event = 1個ごとに1件", "total = a running total, event = a message a piece")
_PULSE = Words("接点。配線は kojo sensors pulse", "a contact; its wiring: kojo sensors pulse")
_EXTERNAL = Words("ESP32 などほかの機器が送る。docs/guide.md", "another device publishes it: docs/guide.md")


def _flow(draft: LineDraft, lang: Language) -> str:
    rows: list[tuple[str, Words | None]] = []
    for one, next_one in pairwise(draft.stations):
        rows += [
            ("[[flow]]", Words("品物の流れ", "pieces go from one to the next")),
            (f'from = "{one.id}"', None),
            (f'to = "{next_one.id}"', None),
            ("", None),
        ]
    return _text(rows, lang)


def _text(rows: list[tuple[str, Words | None]], lang: Language) -> str:
    return "\n".join(_row(said, remark.say(lang) if remark else "") for said, remark in rows)


def _row(said: str, remark: str) -> str:
    if not remark:
        return said
    return f"{said:<34} # {remark}" if said else f"# {remark}"


def _quoted(text: str) -> str:
    """As a TOML basic string, which a JSON string of printable letters is."""
    return json.dumps(text, ensure_ascii=False)
