"""The statement of an evaluation, in words that would survive a manager who knows TPS (curriculum 7.9).

「効果を確認しました。洗浄機の要素時間「洗浄」は 20.1 秒から 3.0 秒へ、17.1 秒短縮(90 %区間 16.8〜17.4 秒、前 10 日・
後 10 日、品番 A-100、同一センサー、データ取得率 99 %)。…」
It never gives a percentage without the amounts, and never claims orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.words import Words
from kpi.evaluation.judgement import LEAST_DAYS, Judgement
from kpi.evaluation.paths import Figure
from kpi.evaluation.wording import Amount, signed


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure's medians of both sides and its judgement; ``station`` is a name for people."""

    station: str
    figure: Figure
    before: float | None
    after: float | None
    judged: Judgement
    days: tuple[int, int]
    indirect: bool = False
    """The difference is a difference of differences to a control station."""
    one_formula: bool = True
    """Whether all days were computed the same way; otherwise nothing is confirmed."""

    @property
    def percent(self) -> float | None:
        """The difference in per cent of the median before."""
        if self.judged.difference is None or not self.before:
            return None
        return 100 * self.judged.difference / abs(self.before)

    @property
    def amount(self) -> Amount:
        """How its amounts are written."""
        interval = self.judged.interval
        width = interval[1] - interval[0] if interval else 0.0
        sizes = [abs(size) for size in (self.judged.difference or 0.0, width) if size]
        return Amount(self.figure.unit, min(sizes, default=None))


@dataclass(frozen=True, slots=True)
class Story:
    """What the statement tells beside the figure itself."""

    products: Sequence[str]
    coverage: float | None
    same_sensor: bool
    control: str | None
    registered: bool
    virtual: bool
    doubts: int
    output: Compared | None = None
    next_bottleneck: str | None = None
    quality: Compared | None = None
    worse: Sequence[Compared] = ()
    looked_at: int = 0
    late: bool = False
    """Registered, but only after the window after had begun."""
    product_names: Sequence[str] = ()
    """The same products as people call them."""
    undefined: Words | None = None
    """Why the figure cannot be computed on any day."""


def statement(told: Compared, story: Story) -> Words:
    """The whole statement."""
    parts = [_verdict(told) if story.undefined is None else _undefined(story.undefined)]
    if told.judged.difference is not None:
        parts.append(_change(told, story))
    if told.judged.verdict != "not_judged":
        parts += [*_output(story), *_quality(story), *_worst(story)]
    if told.judged.verdict == "better":
        parts.append(
            Words("受注の増加はこの測定では説明しません。", "This measurement does not explain any growth in orders.")
        )
    if story.doubts:
        parts.append(
            Words(f"注意点が {story.doubts} 件あります。", f"There are {story.doubts} caveats.")
            if story.doubts > 1
            else Words("注意点が 1 件あります。", "There is one caveat.")
        )
    if not story.registered:
        parts.append(
            Words("参考: 事前に登録した評価ではありません。", "For reference: this was not registered beforehand.")
        )
    elif story.late:
        parts.append(
            Words(
                "参考: 登録は、後の期間が始まってからです。",
                "For reference: this was registered after the window after had begun.",
            )
        )
    ja, en = "".join(p.ja for p in parts), " ".join(p.en for p in parts)
    return Words(f"【仮想データ】{ja}", f"[Virtual data] {en}") if story.virtual else Words(ja, en)


def _undefined(why: Words) -> Words:
    return Words(
        f"この指標は計算できません({why.ja})。判定しません。",
        f"This figure cannot be computed: {why.en}. It is not judged.",
    )


def _verdict(told: Compared) -> Words:
    judged = told.judged
    if judged.verdict == "better":
        return Words("効果を確認しました。", "The effect is confirmed.")
    if judged.verdict == "worse":
        return Words("悪化を確認しました。", "It got worse; this is confirmed.")
    if judged.verdict == "not_judged":
        before, after = told.days
        return Words(
            f"日数が足りないため判定しません。(前 {before} 日・後 {after} 日。"
            f"前後それぞれ {LEAST_DAYS} 日以上が要ります。)",
            f"There are too few days to judge ({before} before, {after} after; at least {LEAST_DAYS} each are needed).",
        )
    if not told.one_formula:
        return Words(
            "効果は確認できません。日によって指標の根拠が違い、同じ式で比べていないためです。",
            "No effect can be confirmed: the basis of the figure differs from day to day, so it is not one formula.",
        )
    ja, en = "効果は確認できませんでした(効果がないと分かったわけではありません)。", "No effect could be confirmed"
    en += " (which does not mean that there is none)."
    if judged.detectable:
        least = Amount(told.figure.unit, judged.detectable)
        is_ratio = told.figure.unit == "ratio"
        seen_ja, seen_en = least.ja(judged.detectable), least.en(judged.detectable)
        if is_ratio:
            seen_ja, seen_en = seen_ja.replace(" %", " ポイント"), seen_en.replace(" %", " points")
        ja += f"この日数では約 {seen_ja}より小さい差は見分けられません。"
        en += f" With so many days, differences below about {seen_en} cannot be told apart."
    return Words(ja, en)


def _change(told: Compared, story: Story) -> Words:
    """From … to …, by how much, with the interval and what it rests on."""
    ja, en = _moved(told)
    rests_ja, rests_en = _interval(told)
    before, after = told.days
    rests_ja.append(f"前 {before} 日・後 {after} 日")
    rests_en.append(f"{before} days before, {after} after")
    if story.control is not None:
        rests_ja.append(f"比較工程「{story.control}」との差の差")
        rests_en.append(f"difference of differences to {story.control}")
    if story.product_names:
        rests_ja.append(f"品番 {'・'.join(story.product_names)}")
        rests_en.append(f"product {', '.join(story.product_names)}")
    if story.same_sensor:
        rests_ja.append("同一センサー")
        rests_en.append("same sensor")
    if story.coverage is not None:
        rests_ja.append(f"データ取得率 {story.coverage:.0%}".replace("%", " %"))
        rests_en.append(f"data coverage {story.coverage:.0%}".replace("%", " %"))
    return Words(f"{ja}({'、'.join(rests_ja)})。", f"{en} ({', '.join(rests_en)}).")


def _moved(told: Compared) -> tuple[str, str]:
    moved, amount = told.judged.difference or 0.0, told.amount
    name_ja, name_en = f"{told.station}の{told.figure.title.ja}", f"{told.figure.title.en} of {told.station}"
    assert told.before is not None
    assert told.after is not None
    from_to_ja = f"{amount.ja(told.before)}から {amount.ja(told.after)}へ"
    from_to_en = f"from {amount.en(told.before)} to {amount.en(told.after)}"
    if told.indirect:
        by_ja, by_en = (
            f"差の差 {amount.ja(moved, sign=True)}",
            f"difference of differences {amount.en(moved, sign=True)}",
        )
        return f"{name_ja}は {from_to_ja}、{by_ja}", f"{name_en}: {from_to_en}, {by_en}"
    if not amount.moves(moved):
        return f"{name_ja}は {from_to_ja}、差なし", f"{name_en}: {from_to_en}, no difference"
    size_ja, size_en = _size(amount.ja(abs(moved), sign=True)), _size(amount.en(abs(moved), sign=True))
    if moved < 0:
        word = ("短縮", "shorter") if told.figure.unit == "s" else ("減少", "less")
    else:
        word = ("延長", "longer") if told.figure.unit == "s" else ("増加", "more")
    return f"{name_ja}は {from_to_ja}、{size_ja}{word[0]}", f"{name_en}: {from_to_en}, {size_en} {word[1]}"


def _size(text: str) -> str:
    return text.removeprefix("+")


def _interval(told: Compared) -> tuple[list[str], list[str]]:
    interval, amount = told.judged.interval, told.amount
    if interval is None:
        return [], []
    low, high = interval
    if low <= 0 <= high or told.indirect:
        ja, en = amount.ja(high, sign=True), amount.en(high, sign=True)
        first = amount.number(low, sign=True)
        return [f"90 %区間 {first}〜{ja}"], [f"90 % interval {first} to {en}"]
    near, far = sorted((abs(low), abs(high)))
    ja, en = _size(amount.ja(far, sign=True)), _size(amount.en(far, sign=True))
    return [f"90 %区間 {amount.number(near)}〜{ja}"], [f"90 % interval {amount.number(near)} to {en}"]


def _output(story: Story) -> list[Words]:
    """What the line made of it: seconds saved beside the bottleneck bring no piece."""
    told = story.output
    parts = []
    if told is not None and told.before is not None and told.after is not None:
        percent = f"({signed(told.percent, 0)} %)" if told.percent is not None else ""
        before, after = told.amount.ja(told.before), told.amount.ja(told.after)
        before_en, after_en = told.amount.en(told.before), told.amount.en(told.after)
        sure_ja, sure_en = (
            ("", "") if _is_sure(told) else (" ただし差は確認できません。", " The difference is not confirmed.")
        )
        parts.append(
            Words(
                f"ライン出来高は {before}から {after}へ{percent}。{sure_ja.strip()}",
                f"Line output: from {before_en} to {after_en} {percent}.{sure_en}",
            )
        )
    if story.next_bottleneck is not None:
        parts.append(
            Words(f"次のネックは{story.next_bottleneck}。", f"The next bottleneck is {story.next_bottleneck}.")
        )
    return parts


def _is_sure(told: Compared) -> bool:
    return told.judged.verdict in ("better", "worse")


def _quality(story: Story) -> list[Words]:
    told = story.quality
    if told is None or told.before is None or told.after is None or told.judged.verdict == "not_judged":
        return []
    if not _is_sure(told):
        return [Words("良品率の差は確認できません。", "No difference in quality is confirmed.")]
    ja = f"良品率は {told.amount.ja(told.before)}から {told.amount.ja(told.after)}へ。"
    return [Words(ja, f"Quality ratio: from {told.amount.en(told.before)} to {told.amount.en(told.after)}.")]


def _worst(story: Story) -> list[Words]:
    """One figure that got worse is always named, where there is one."""
    told = next(iter(story.worse), None)
    if told is None or told.before is None or told.after is None:
        if not story.looked_at:
            return []
        return [
            Words(
                f"ほかに見た {story.looked_at} 指標に、悪くなったものはありません。",
                f"None of the {story.looked_at} other figures looked at got worse.",
            )
        ]
    sure = Words("悪化を確認", "confirmed") if _is_sure(told) else Words("悪化は確認できません", "not confirmed")
    from_to_ja = f"{told.amount.ja(told.before)}から {told.amount.ja(told.after)}へ"
    from_to_en = f"from {told.amount.en(told.before)} to {told.amount.en(told.after)}"
    return [
        Words(
            f"悪くなった指標: {told.figure.title.ja} {from_to_ja}({sure.ja})。",
            f"What got worse: {told.figure.title.en} {from_to_en} ({sure.en}).",
        )
    ]
