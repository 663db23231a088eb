"""What a team wrote down of a factory, and what is right of it: noticing counts first, the number second.

    notes = read_notes(Path("answers.toml"))
    marks = graded(notes, made, told)           # told: the kit's evaluation of what the team looked at

A mark says what was good and what to look at next; there are no points, and teams are not ranked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from contract.words import Words
from curriculum.datafile import DataFile
from curriculum.factories.book import Conclusion, Factory, Figure, Trap
from curriculum.factories.directory import Made
from curriculum.factories.expected import Case, expected

Level = Literal["good", "nearly", "not_yet"]
SIGNS: Mapping[Level, str] = {"good": "◎", "nearly": "○", "not_yet": "△"}
CONCLUSIONS: Mapping[Conclusion, Words] = {
    "effect": Words("効果があった", "there was an effect"),
    "not_confirmed": Words("確認できませんでした", "no effect could be confirmed"),
    "not_by_the_measure": Words("数字は動いたが、対策の効果ではない", "the number moved, but not by the measure"),
    "at_a_price": Words("効果はあったが、悪くなったものがある", "there was an effect, at a price"),
}
MANY = 3
"""Who names more traps than this has guessed rather than noticed."""
CLOSE = 0.05


@dataclass(frozen=True, slots=True)
class Notes:
    """What a team wrote down. ``effect`` None: not written; ``conclusion`` as one of `CONCLUSIONS`."""

    team: str
    bottleneck: str
    figure: Figure | None
    effect: float | None
    interval: tuple[float, float] | None
    conclusion: Conclusion | None
    noticed: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing looked at."""

    about: Words
    level: Level
    said: Words


def blank(factory: Factory) -> str:
    """The file to fill in, with what may stand there as remarks."""
    traps = "、".join(f'"{trap.id}"({trap.name.ja})' for trap in factory.traps)
    figures = "、".join(f'"{f.station}/{f.path}"' for f in _figures(factory))
    conclusions = "、".join(f'"{key}"({words.ja})' for key, words in CONCLUSIONS.items())
    return f"""# 「気づき」の記録: {factory.name.ja}
# 「=」の右に書きます。分からない所は "" や [] のままでかまいません。書けたら kojo factory grade DIR answers.toml
# What you noticed. Fill in the right sides; what you do not know stays open.

team = ""
bottleneck = ""        # 一番遅い工程の id(line.toml の [stations.○○])
figure = ""            # 何を見たか: {figures} など
# effect = -1.0        # 前後の差(後 − 前)。# を消して書きます
# interval = [-1.2, -0.8]    # 90 %区間(小さい方, 大きい方)
conclusion = ""        # {conclusions}
noticed = []           # おかしいと気づいたこと(なければ [] のまま): {traps}
because = ""           # なぜそう言えるか。見た数字を入れて、1文で
"""


def _figures(factory: Factory) -> list[Figure]:
    return list(dict.fromkeys([*factory.figures, *(trap.figure for trap in factory.traps)]))


def read_notes(path: Path) -> Notes:
    """A team's file. Raises LineError with every mistake in it."""
    file = DataFile(path)
    raw = file.raw
    keys = {"team", "bottleneck", "figure", "effect", "interval", "conclusion", "noticed", "because"}
    file.keys(raw, (), frozenset(keys))
    looked_at = file.text(raw, (), "figure", "")
    station, _, kpi = looked_at.partition("/")
    if looked_at and not kpi:
        file.tell(("figure",), "「工程/指標」の形で書きます(例 washer/phases.wash)。", "is written station/figure.")
    said = file.text(raw, (), "conclusion", "")
    conclusion = next((key for key, words in CONCLUSIONS.items() if said in (key, words.ja, words.en)), None)
    if said and conclusion is None:
        file.tell(("conclusion",), f"{'、'.join(CONCLUSIONS)} のどれかです。", f"is one of {', '.join(CONCLUSIONS)}.")
    notes = Notes(
        file.text(raw, (), "team", ""), file.text(raw, (), "bottleneck", ""), Figure(station, kpi) if kpi else None,
        _number(file, raw, "effect"), _pair(file, raw), conclusion, file.texts(raw, (), "noticed"),
        file.text(raw, (), "because", ""),
    )  # fmt: skip
    file.end()
    return notes


def _number(file: DataFile, raw: Mapping[str, Any], key: str) -> float | None:
    found = raw.get(key)
    if found is None or (isinstance(found, (int, float)) and not isinstance(found, bool)):
        return None if found is None else float(found)
    file.tell((key,), "数です。", "is a number.")
    return None


def _pair(file: DataFile, raw: Mapping[str, Any]) -> tuple[float, float] | None:
    found = raw.get("interval")
    if found is None:
        return None
    if isinstance(found, list) and len(found) == 2 and all(isinstance(v, (int, float)) for v in found):
        low, high = sorted(float(v) for v in found)
        return low, high
    file.tell(("interval",), "[小さい方, 大きい方] の2つの数です。", "is two numbers [low, high].")
    return None


# --------------------------------------------------------------------------------------------------------- the marks


def graded(notes: Notes, made: Made, told: Mapping[str, Any]) -> list[Mark]:
    """Every mark, noticing first. ``told``: GET /evaluation of the team's figure."""
    trap = None if made.trap is None else made.book.trap(made.trap)
    return [
        _noticing(notes, made, trap), _conclusion(notes, made, trap, told), _because(notes),
        _bottleneck(notes, made), _effect(notes, told), _interval(notes, told),
    ]  # fmt: skip


def _noticing(notes: Notes, made: Made, trap: Trap | None) -> Mark:
    about = Words("気づき", "noticing")
    ids = {one.id for one in made.book.traps if one.id in notes.noticed or one.name.ja in notes.noticed}
    if trap is None:
        if not notes.noticed:
            return Mark(
                about, "good", Words("落とし穴は仕込まれていませんでした。そのとおりです。", "Right: no trap was laid.")
            )
        return Mark(
            about, "nearly",
            Words("疑って確かめたのは良いことです。今回は落とし穴は仕込まれていませんでした。確かめ方をもう一度見ましょう。",
                  "To doubt is good. This time no trap was laid: look once more at how it can be made sure."),
        )  # fmt: skip
    told = Words(f"{trap.name.ja}。{trap.here.ja}", f"{trap.name.en}. {trap.here.en}")
    if trap.id in ids and len(ids) <= MANY:
        return Mark(about, "good", Words(f"よく気づきました: {told.ja}", f"Well noticed: {told.en}"))
    if trap.id in ids:
        return Mark(
            about, "nearly",
            Words(f"当たりは入っています。{len(ids)} 個から1つに絞れる見方があります: {trap.notice.ja}",
                  f"It is among them. This tells one from {len(ids)}: {trap.notice.en}"),
        )  # fmt: skip
    return Mark(
        about, "not_yet",
        Words(f"仕込まれていたのは「{told.ja}」 気づき方: {trap.notice.ja}",
              f"What was laid: {told.en} How to notice: {trap.notice.en}"),
    )  # fmt: skip


def right_conclusion(made: Made, trap: Trap | None, told: Mapping[str, Any]) -> Conclusion:
    """What a careful team concludes: of what a trap is played with by the book, else by the kit's verdict."""
    what = made.stays[-1].improvement
    if trap is not None and (what == trap.played_with or trap.conclusion == "not_by_the_measure"):
        return trap.conclusion
    return "effect" if told["verdict"] == "better" else "not_confirmed"


def _conclusion(notes: Notes, made: Made, trap: Trap | None, told: Mapping[str, Any]) -> Mark:
    about = Words("結論", "conclusion")
    right = CONCLUSIONS[right_conclusion(made, trap, told)]
    if notes.conclusion is None:
        return Mark(
            about,
            "not_yet",
            Words("結論が空いています。書くのは1文で足ります。", "It is left open; a sentence will do."),
        )
    mine = CONCLUSIONS[notes.conclusion]
    if mine == right:
        because = f"({trap.answer.ja})" if trap else ""
        return Mark(about, "good", Words(f"「{right.ja}」で合っています。{because}", f"Right: {right.en}."))
    answer = trap.answer if trap else Words("", "")
    level: Level = "nearly" if {mine, right} <= _CAREFUL else "not_yet"
    return Mark(
        about, level,
        Words(f"「{mine.ja}」と書かれています。ここでは「{right.ja}」です。{answer.ja}",
              f"You wrote: {mine.en}. Here it is: {right.en}. {answer.en}"),
    )  # fmt: skip


_CAREFUL = {CONCLUSIONS["not_confirmed"], CONCLUSIONS["not_by_the_measure"]}


def _because(notes: Notes) -> Mark:
    about = Words("理由", "why")
    if re.search(r"\d", notes.because):
        return Mark(about, "good", Words("数字を挙げて書けています。", "It names numbers."))
    if notes.because:
        return Mark(
            about,
            "nearly",
            Words("見た数字を1つ入れると、ほかの人も確かめられます。", "Name a number, so that others can check."),
        )
    return Mark(about, "not_yet", Words("なぜそう言えるかを、1文で書いてみましょう。", "Write in one sentence why."))


def _bottleneck(notes: Notes, made: Made) -> Mark:
    about, right = Words("ネック", "bottleneck"), made.book.bottleneck
    level: Level = "good" if notes.bottleneck == right else "not_yet"
    before = Words("そのとおりです。", "Right.") if level == "good" else Words(f"答えは {right}。", f"It is {right}.")
    why = made.book.bottleneck_why
    return Mark(about, level, Words(f"{before.ja}{why.ja}", f"{before.en} {why.en}"))


def _effect(notes: Notes, told: Mapping[str, Any]) -> Mark:
    about, found = Words("効果", "effect"), told["difference"]["median"]
    if found is None:
        return Mark(about, "nearly", Words("日数が足りず、差は計算できません。", "Too few days for a difference."))
    said = Words(f"キットの計算では、差は {found:.4g} です。", f"By the kit the difference is {found:.4g}.")
    return Mark(about, _near(notes.effect, found, _room(told)), said)


def _interval(notes: Notes, told: Mapping[str, Any]) -> Mark:
    about, found = Words("90 %区間", "90 % interval"), told["difference"]["interval90"]
    if found is None:
        return Mark(about, "nearly", Words("区間は計算できません。", "There is no interval."))
    low, high = found
    said = Words(f"{low:.4g} から {high:.4g} です。", f"From {low:.4g} to {high:.4g}.")
    if notes.interval is None:
        return Mark(
            about, "not_yet", Words(f"差だけでなく、区間も書きます。{said.ja}", f"Write the interval, too. {said.en}")
        )
    ends = {_near(mine, true, _room(told)) for mine, true in zip(notes.interval, found, strict=True)}
    return Mark(about, "good" if ends == {"good"} else "nearly", said)


def _near(mine: float | None, true: float, room: float) -> Level:
    if mine is None:
        return "not_yet"
    return "good" if abs(mine - true) <= room else "nearly" if mine * true > 0 else "not_yet"


def _room(told: Mapping[str, Any]) -> float:
    """How far off a number copied from a page may be: rounding, or a fifth of the interval."""
    low, high = (float(end) for end in told["difference"]["interval90"] or (0.0, 0.0))
    return max(CLOSE * abs(float(told["difference"]["median"] or 0.0)), (high - low) / 5)


def book_range(made: Made, figure: Figure) -> Words | None:
    """What the answer book expects of a figure, where it does."""
    what = made.stays[-1].improvement or ""
    trap = None if made.trap is None else made.book.trap(made.trap)
    played = trap is not None and trap.played_with == what
    found = expected(Case(made.book, what, made.trap if played else None)).get(figure)
    if found is None or (trap is not None and not played):
        return None
    return Words(
        f"答えの書: 本当の差は {found.difference:.4g}(10 日ずつなら {found.low:.4g} から {found.high:.4g} の間)。",
        f"The answer book: truly {found.difference:.4g} (ten days each: {found.low:.4g} to {found.high:.4g}).",
    )  # fmt: skip


def told(marks: Sequence[Mark]) -> list[str]:
    """The marks as lines to read."""
    return [f"{SIGNS[mark.level]} {mark.about}: {mark.said}" for mark in marks]
