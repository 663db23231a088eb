"""A baseline as people read it in a terminal, and as a TOML file to keep beside the line."""

from collections.abc import Iterator
from datetime import date

from contract.words import Language, Words
from curriculum.sheets.baseline import Baseline, Times
from curriculum.sheets.form import form
from curriculum.sheets.line_text import LineText
from kpi.report.markup import width

_HEAD = Words(
    "要素\t区分\t中央値\t最小\tばらつき\t数えた\t除いた", "element\tkind\tmedian\tleast\tspread\tcounted\tout"
)


def told(of: Baseline, lang: Language) -> str:
    """A table, what was taken out and why, the cycle against takt, and what to keep in mind."""
    rows = [_HEAD.say(lang).split("\t"), *(_row(one, lang) for one in (*of.elements, of.cycle))]
    parts = [f"{of.station} {of.product}".strip(), *_aligned(rows), ""]
    parts += _taken_out(of, lang)
    parts.append(against_takt(of).say(lang))
    parts += [f"※ {caution.say(lang)}" for caution in of.cautions]
    return "\n".join(parts)


def against_takt(of: Baseline) -> Words:
    """Whether the station keeps pace."""
    cycle = of.cycle.median_s
    if cycle is None:
        return Words("サイクルを数えられません。", "No cycle counts.")
    if of.takt_s is None:
        return Words(
            f"サイクルの中央値は {cycle:.1f} 秒。タクトは分かりません(--line か --takt で言うと比べます)。",
            f"Median cycle {cycle:.1f} s; the takt is not known (say it with --line or --takt).",
        )
    interval, takt = of.cycle.interval, of.takt_s
    if interval is None or interval.low <= takt <= interval.high:
        return Words(
            f"サイクル {cycle:.1f} 秒、タクト {takt:.1f} 秒: この回数では、間に合うかどうか決められません。",
            f"Cycle {cycle:.1f} s, takt {takt:.1f} s: so few cycles do not tell whether it keeps pace.",
        )
    if cycle > takt:
        return Words(
            f"サイクル {cycle:.1f} 秒 > タクト {takt:.1f} 秒: この工程は間に合いません。",
            f"Cycle {cycle:.1f} s is above the takt of {takt:.1f} s: this station cannot keep pace.",
        )
    spare = takt - cycle
    return Words(
        f"サイクル {cycle:.1f} 秒 < タクト {takt:.1f} 秒: 止まらなければ間に合います(余裕 {spare:.1f} 秒)。",
        f"Cycle {cycle:.1f} s, takt {takt:.1f} s: it keeps pace if nothing stops ({spare:.1f} s to spare).",
    )


def _row(one: Times, lang: Language) -> list[str]:
    kinds = {choice.key: choice.words.say(lang) for choice in form("S4").table("elements").field("kind").choices}
    numbers = [_seconds(value) for value in (one.median_s, one.least_s, one.spread_s)]
    return [one.name, kinds.get(one.kind, ""), *numbers, str(len(one.kept)), str(len(one.out))]


def _seconds(value: float | None) -> str:
    return "―" if value is None else f"{value:.1f}"


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    """Columns of equal width; a Japanese letter is as wide as two."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()


def _taken_out(of: Baseline, lang: Language) -> Iterator[str]:
    for one in of.elements:
        for gone in one.out:
            said = Words(
                f"除いた: {one.name} {gone.cycle} 回目 {_seconds(gone.seconds)} 秒({gone.why})",
                f"taken out: {one.name}, cycle {gone.cycle}, {_seconds(gone.seconds)} s ({gone.why})",
            )
            yield said.say(lang)


def toml(of: Baseline, observed: date | None) -> str:
    """The baseline as a file."""
    out = LineText()
    out.remark("S4 時間観測用紙から作ったベースライン / a baseline made of S4. 秒")
    out.pair("station", of.station)
    out.pair("product", of.product)
    if observed is not None:
        out.pair("observed", observed.isoformat())
    out.pair("cycles", len(of.cycle.kept), "数えたサイクル")
    if of.takt_s is not None:
        out.pair("takt_s", round(of.takt_s, 3))
    out.head("cycle")
    _numbers(out, of.cycle)
    for one in of.elements:
        out.head("[elements]")
        out.pair("name", one.name)
        out.pair("kind", one.kind)
        _numbers(out, one)
    for caution in of.cautions:
        out.remark(caution.ja)
    return out.text.lstrip("\n")


def _numbers(out: LineText, one: Times) -> None:
    for key, value in (("median_s", one.median_s), ("least_s", one.least_s), ("spread_s", one.spread_s)):
        if value is not None:
            out.pair(key, round(value, 3))
    if one.interval is not None:
        out.rows.append(f"interval = [{one.interval.low:.3f}, {one.interval.high:.3f}]")
        out.pair("interval_chance", round(one.interval.chance, 4), "中央値がその間にある確からしさ")
    out.pair("counted", len(one.kept))
    out.pair("out", [f"{gone.cycle}: {gone.why}" for gone in one.out], "除いた回とわけ")
