"""A time observation (S4) as a baseline: per element its median, least, spread and what was taken out, and the cycle.

    found = baseline(read(Path("s4.csv")))
    found.cycle.median_s, found.elements[1].interval

A reading with * is taken out of its element, with the reason that stands beside it (「3:落とした」), and its cycle out
of the cycle times. Nothing is taken out because it is large.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from contract.errors import LineError, Mistake
from contract.line_report import half_width, hint
from contract.words import Words
from curriculum.sheets.answers import number_in
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.order_statistics import Interval, of_median

CYCLES = 10
READ_S = 2.0
"""Shorter elements cannot be timed by hand (curriculum 2.3: 1.5 to 2 s)."""
LONGEST_S = 86_400.0
"""Nobody stands there with a stopwatch for longer than a day."""
_UNIT_S = {"": 1.0, "s": 1.0, "dm": 0.6}
_MARKS = re.compile(r"[*✻✳※×x?]+$")
"""A ? is what Excel makes of ✻ in Shift_JIS."""
_REASON = re.compile(r"([0-9]{1,2})\s*(?:回目?)?\s*[::.=]\s*([^;;、,/]+)")


@dataclass(frozen=True, slots=True)
class Out:
    """A reading that was taken out: which cycle, its seconds (None: not read), why."""

    cycle: int
    seconds: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds by cycle, and what was taken out of them."""

    name: str
    kind: str
    kept: Mapping[int, float]
    out: tuple[Out, ...]

    @property
    def median_s(self) -> float | None:
        """The middle one."""
        return median(self.kept.values()) if self.kept else None

    @property
    def least_s(self) -> float | None:
        """The shortest one."""
        return min(self.kept.values(), default=None)

    @property
    def spread_s(self) -> float | None:
        """Longest less shortest."""
        return max(self.kept.values()) - min(self.kept.values()) if self.kept else None

    @property
    def interval(self) -> Interval | None:
        """Where the median may lie, from the order of the readings."""
        return of_median(list(self.kept.values()))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What one S4 says. ``takt_s``: None where nobody said what is wanted."""

    station: str
    product: str
    elements: tuple[Times, ...]
    cycle: Times
    takt_s: float | None = None

    @property
    def cautions(self) -> list[Words]:
        """What to keep in mind of it."""
        return _cautions(self)


def baseline(sheet: Filled, takt_s: float | None = None) -> Baseline:
    """The times of a filled S4. Raises LineError with every reading that cannot be taken."""
    mistakes, elements = _elements(sheet)
    if mistakes:
        raise LineError(mistakes)
    return Baseline(sheet.text("station"), sheet.text("product"), tuple(elements), _cycle(elements), takt_s)


def mistakes_of(sheet: Filled) -> list[Mistake]:
    """What is wrong in the readings of a filled S4."""
    return _elements(sheet)[0]


def _elements(sheet: Filled) -> tuple[list[Mistake], list[Times]]:
    mistakes: list[Mistake] = []
    read = [_readings(sheet, row, mistakes) for row in sheet.rows("elements")]
    mistakes += _twice(sheet)
    if not read:
        mistakes.append(sheet.mistake(1, "", Words("要素作業が1行もありません。", "there is no element.")))
    unit_s = _UNIT_S[sheet.text("unit")]
    singles = _apart(sheet, read, mistakes) if sheet.text("method") == "running" else read
    found = []
    for row, values, single in zip(sheet.rows("elements"), read, singles, strict=True):
        whys = _whys(row, values, sheet, mistakes)
        kept = {c: s * unit_s for c, s in single.items() if s is not None and c not in whys}
        out = tuple(
            Out(c, None if single.get(c) is None else (single[c] or 0.0) * unit_s, why) for c, why in whys.items()
        )
        found.append(Times(row.text("element"), row.text("kind"), kept, out))
    return mistakes, found


def _twice(sheet: Filled) -> list[Mistake]:
    """Elements of one name: whoever reads the baseline could not tell which is which."""
    seen: dict[str, int] = {}
    found = []
    for row in sheet.rows("elements"):
        name = row.text("element")
        plain = "".join(half_width(name).split()).casefold()
        if plain and plain in seen:
            what = Words(
                f"要素作業「{name}」が {seen[plain]} 行目にもあります。",
                f"the work element {name!r} stands in row {seen[plain]} too.",
            )
            tip = hint(
                "「外す(右)」のように分けるか、同じ要素なら1行にまとめます。",
                "tell them apart by their names, or make one row of them.",
            )
            found.append(sheet.mistake(row.row_of("element"), "要素作業", what, tip))
        seen.setdefault(plain, row.row_of("element"))
    return found


def _readings(sheet: Filled, row: Answers, mistakes: list[Mistake]) -> dict[int, float | None]:
    """Each cycle's number as it was written, None where it was not read. Only cycles somebody timed."""
    found: dict[int, float | None] = {}
    most = LONGEST_S / _UNIT_S[sheet.text("unit")]
    for cycle in range(1, CYCLES + 1):
        said = _MARKS.sub("", half_width(row.text(f"r{cycle}"))).strip()
        number = number_in(said, "秒") if said else None
        if said and (number is None or number <= 0):
            what = Words(
                f"{cycle} 回目「{said}」は秒数ではありません。", f"reading {cycle}: {said!r} is no number of seconds."
            )
            tip = hint(
                "20.1 か、異常なら 20.1* と書きます。読めなかった回は空けます。",
                "write 20.1, or 20.1* for an unusual one; what was not read stays empty.",
            )
            mistakes.append(sheet.mistake(row.row, str(cycle), what, tip))
            number = None
        elif number is not None and number > most:
            what = Words(f"{cycle} 回目「{said}」は1日より長い時間です。", f"reading {cycle}: {said!r} is over a day.")
            tip = hint(
                "けた・小数点・単位(秒か 1/100分)を確かめます。",
                "see to its digits, its point and the unit (s or 1/100 min).",
            )
            mistakes.append(sheet.mistake(row.row, str(cycle), what, tip))
            number = None
        found[cycle] = number
    return found


def _apart(
    sheet: Filled, read: Sequence[Mapping[int, float | None]], mistakes: list[Mistake]
) -> list[dict[int, float | None]]:
    """Single times from a running clock: each reading less the one before it. After a gap the next has no time."""
    found: list[dict[int, float | None]] = [{} for _ in read]
    points = [(cycle, n) for cycle in range(1, CYCLES + 1) for n in range(len(read))]
    before: float | None = 0.0
    last = 0.0
    for cycle, n in points:
        now = read[n].get(cycle)
        if now is not None and now <= last:
            row = sheet.rows("elements")[n].row
            what = Words(
                f"{cycle} 回目の読み {now:g} が、前の読み {last:g} より大きくありません。",
                f"reading {cycle}, {now:g}, is not above the one before it, {last:g}.",
            )
            tip = hint(
                "継続(R)は時計を止めずに読みます。1回ごとの時間なら、読み方を 個別時間 に。",
                "a running clock only grows; if these are single times, make the method single times.",
            )
            mistakes.append(sheet.mistake(row, str(cycle), what, tip))
        found[n][cycle] = None if now is None or before is None else now - before
        before, last = now, last if now is None else now
    return found


def _whys(row: Answers, values: Mapping[int, float | None], sheet: Filled, mistakes: list[Mistake]) -> dict[int, str]:
    """Cycle and why it is taken out. A mark without a reason is a mistake."""
    said = row.text("why")
    reasons = {int(cycle): why.strip() for cycle, why in _REASON.findall(half_width(said).replace("\n", "、"))}
    marked = [c for c in range(1, CYCLES + 1) if _MARKS.search(half_width(row.text(f"r{c}")))]
    found = {}
    for cycle in marked:
        why = reasons.get(cycle) or (said if said and not reasons and len(marked) == 1 else "")
        if not why:
            what = Words(
                f"{cycle} 回目に ✻ がありますが、理由がありません。", f"reading {cycle} is marked, and nobody says why."
            )
            tip = hint(f"理由の列に「{cycle}:落とした」のように書きます。", f"write the reason like {cycle}:dropped.")
            mistakes.append(sheet.mistake(row.row, str(cycle), what, tip))
        found[cycle] = why
    timed = max((c for c, v in values.items() if v is not None), default=0)
    for cycle in range(1, timed + 1):
        if values.get(cycle) is None and cycle not in found:
            found[cycle] = reasons.get(cycle, "読みがない")
    return dict(sorted(found.items()))


def _cycle(elements: Sequence[Times]) -> Times:
    """The sum of the elements, of the cycles in which every element counts."""
    whole = {
        c: sum(one.kept[c] for one in elements) for c in range(1, CYCLES + 1) if all(c in e.kept for e in elements)
    }
    timed = sorted({c for one in elements for c in (*one.kept, *(gone.cycle for gone in one.out))})
    out = tuple(Out(c, None, _of_cycle(elements, c)) for c in timed if c not in whole)
    return Times("サイクル", "", whole, out)


def _of_cycle(elements: Sequence[Times], cycle: int) -> str:
    said = [f"{one.name}: {gone.why}" for one in elements for gone in one.out if gone.cycle == cycle]
    return "、".join(said) or "読みがない"


def _cautions(of: Baseline) -> list[Words]:
    found = []
    n, interval = len(of.cycle.kept), of.cycle.interval
    if interval is None:
        found.append(
            Words(
                f"数えられるサイクルが {n} 回しかありません。5 回より少なければ、区間は言えません。",
                f"Only {n} cycles count; with fewer than 5 no interval can be given.",
            )
        )
    else:
        found.append(
            Words(
                f"{n} 回の観測で言えるのは、中央値が {interval.low:.1f} 〜 {interval.high:.1f} 秒の間にある"
                f"(確からしさ {interval.chance:.0%})ということだけです。時間帯・人・品番が変われば動きます。",
                f"{n} cycles only say that the median lies between {interval.low:.1f} and {interval.high:.1f} s "
                f"(chance {interval.chance:.0%}). Other hours, people and products will differ.",
            )
        )
    found += [
        Words(
            f"「{one.name}」は約 {one.median_s:.1f} 秒です。{READ_S:g} 秒より短い要素は、手では測れません。",
            f"{one.name} takes about {one.median_s:.1f} s: under {READ_S:g} s it cannot be timed by hand.",
        )
        for one in of.elements
        if one.median_s is not None and one.median_s < READ_S
    ]
    if trend_up(of.cycle):
        found.append(
            Words(
                "後の回ほど長く(短く)なっています。疲れ・慣れ・温まりを疑ってください。",
                "The cycles drift from first to last.",
            )
        )
    return found


def trend_up(times: Times) -> bool:
    """Whether each cycle is longer (or shorter) than the one before it: eight in a row are no chance."""
    values = [times.kept[c] for c in sorted(times.kept)]
    steps = [later - earlier for earlier, later in pairwise(values)]
    return len(steps) >= 6 and (all(step > 0 for step in steps) or all(step < 0 for step in steps))
