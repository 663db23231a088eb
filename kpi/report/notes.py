"""What is said in words: improvements and notes of the time, and what the figures stand on, in full."""

from collections.abc import Sequence
from datetime import datetime

from contract.words import Language, Words
from kpi.report.asking import Body
from kpi.report.markup import Html, shortened, tag
from kpi.report.say import both, moment, number, percent
from kpi.report.standing import LOSSES

IMPROVED = Words("対策", "improvement")
NOTED = Words("メモ", "note")
MOST_WARNINGS = 2


def numbered(events: Sequence[Body], kind: str = "improvement") -> list[tuple[str, Body]]:
    """The events of a kind in time order, each with the number that stands on the picture."""
    chosen = sorted((e for e in events if e["kind"] == kind), key=lambda event: moment(event["at"]))
    return [(str(i + 1), event) for i, event in enumerate(chosen)]


def event_line(number: str, event: Body, line: Body, lang: Language, most: int = 56) -> Html:
    """▼1 11/8 08:00 洗浄機: what was done."""
    at = moment(event["at"])
    station = line["stations"].get(event.get("station") or "", {}).get("name")
    where = f"{shortened(station, 20)}: " if station else ""
    kind = IMPROVED if event["kind"] == "improvement" else NOTED
    mark = f"▼{number} " if number else f"{kind.say(lang)} "
    return tag("li", f"{mark}{at.month}/{at.day} {at:%H:%M} {where}{shortened(str(event['text']), most)}")


def stands_on(body: Body, of: Sequence[Body], made_at: datetime, lang: Language) -> list[object]:
    """The basis in full (contract section 4): what is planned, ideal, no data, source, warnings, 速報/確定.

    ``of``: every answer on the page with its ``final``. The page is final where all of them are (`kpi.finality`).
    """
    basis = body["basis"]
    lines: list[object] = [_words(body, lang), _formulas(basis, lang)]
    for warning in basis["warnings"][:MOST_WARNINGS]:
        lines.append(tag("b", f"※ {shortened(both(warning, lang), 280)}"))
    printed = Words("印刷", "printed").say(lang)
    lines.append(f"{both(_standing(of), lang)} / {printed} {made_at:%Y-%m-%d %H:%M} kojohack")
    return lines


def _standing(of: Sequence[Body]) -> Body:
    """Why the first is preliminary that is, else why all are final."""
    return next((one for one in of if not one["final"]), of[0])["final_why"]  # type: ignore[no-any-return]


def _words(body: Body, lang: Language) -> str:
    basis, separator = body["basis"], Words("。", "; ").say(lang)
    window = basis["window"]
    said = [
        f"{Words('集計の根拠: ', 'Basis: ').say(lang)}{_time(window['start'])}"
        f"{Words('~', ' to ').say(lang)}{_time(window['end'])}",
        f"{Words('負荷時間', 'busy time').say(lang)} {number(body['planned_busy_time_s'] / 60)}"
        f"{Words('分', ' min').say(lang)}({both(basis['planned'], lang)})",
        f"{Words('欠測', 'no data').say(lang)} {number(basis['no_data_min'])}{Words('分', ' min').say(lang)}"
        f"({Words('データ取得率', 'coverage').say(lang)} {percent(body['coverage'])})",
        _ideal(basis["ideal"], lang),
        _sources(basis, lang),
    ]  # fmt: skip
    return separator.join(part for part in said if part)


def _time(rfc3339: str) -> str:
    return f"{rfc3339[:10]} {rfc3339[11:16]}"


def _ideal(ideal: Body, lang: Language) -> str:
    if ideal["ideal_cycle_s"] is None:
        return Words("基準CTなし(可動率は出せません)", "no ideal cycle, so no OEE").say(lang)
    since = f"[{ideal['since']}]" if ideal["since"] else ""
    said = f"{Words('基準CT', 'ideal cycle').say(lang)} {ideal['ideal_cycle_s']:g}{Words('秒', ' s').say(lang)}{since}"
    mean = ideal.get("mean_of_what_was_made_s")
    if mean is not None and abs(mean - ideal["ideal_cycle_s"]) > 0.05:
        said += Words(f"(作った品番の平均 {mean:.1f}秒)", f" (mean of what was made {mean:.1f} s)").say(lang)
    return said


def _sources(basis: Body, lang: Language) -> str:
    count = ", ".join(basis["source"]) or "-"
    scrap = ", ".join(basis["scrap_source"]) or "-"
    return Words(f"数えたセンサー: {count}、不良: {scrap}", f"counted by {count}, scrap by {scrap}").say(lang)


def _formulas(basis: Body, lang: Language) -> str:
    kadoritsu = Words(
        "可動率(べきどうりつ)=設備総合効率=基準CT×良品数÷負荷時間",
        "kadoritsu (OEE) = ideal cycle x good / planned busy time",
    )
    left_out = [LOSSES[loss] for loss in basis.get("kadoritsu_excludes") or ()]
    if left_out:
        ja, en = "・".join(loss.ja for loss in left_out), ", ".join(loss.en for loss in left_out)
        kadoritsu = Words(
            f"可動率(べきどうりつ)=基準CT×良品数÷(負荷時間-{ja}の停止)。設備総合効率は{ja}を除かない",
            f"kadoritsu = ideal cycle x good / (planned busy time less stops of {en}); OEE leaves none of them out",
        )
    return Words(
        f"{kadoritsu.ja}。時間稼働率=稼働時間÷負荷時間。どちらも稼働率(のぎへん、需要÷定時の能力)とは別の数字です。",
        f"{kadoritsu.en}; availability = time without stops / busy time. "
        "Neither is utilization (demand over regular capacity).",
    ).say(lang)
