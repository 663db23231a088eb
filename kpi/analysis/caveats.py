"""What must be known beside an analysis: a short key, and the sentence in both languages."""

from collections.abc import Mapping

from contract.words import Words
from kpi.analysis import nelson
from kpi.line_told import both

CAVEATS: Mapping[str, Words] = {
    "few_points": Words(
        "点が少なく、偶然でもこの程度は出ます。", "There are few points: chance alone brings about as much."
    ),
    "not_cause": Words(
        "相関は因果ではありません。同じ原因で両方が動くこともあります。散布図も見てください。",
        "Correlation is not cause: something else may move both. Look at the scatter plot, too.",
    ),
    "constant": Words("値が変わらない列があり、相関は計算できません。", "A column is constant: it has no correlation."),
    "missing": Words(
        "値のない列があり、その列は計算から外しました。", "A column has no values and is left out of the calculation."
    ),
    "trend": Words(
        "ゆっくり動く値どうしは、関係がなくても似て見えます。差(differences)の相関も見てください。",
        "Values that drift look alike without being related. Look at the correlation of their differences, too.",
    ),
    "many_pairs": Words(
        "組み合わせが多いと、偶然に大きい相関が混ざります。",
        "Among many pairs some large correlations come by chance.",
    ),
    "outside_shifts": Words(
        "休憩や夜間も含みます(within=planned で計画時間だけになります)。",
        "Breaks and nights are included; within=planned leaves them out.",
    ),
    "many_lags": Words(
        "多くのずれを試すと、偶然に大きい相関が出ます。しきい値は試した数で直してあります。",
        "Who tries many lags finds a large one by chance: the threshold is corrected for their number.",
    ),
    "text_columns": Words("文字の列は計算から外しました。", "Columns of text are left out."),
    "too_few_for_limits": Words("点が2つ以上ないと、限界線は引けません。", "Without two points there are no limits."),
    "preliminary": Words(
        "限界線のもとになる点が20に足りません。仮の限界線です。",
        "Fewer than 20 points made the limits: they are preliminary.",
    ),
    "no_baseline": Words(
        "基準期間がないため、この期間全体から限界線を引きました。異常な点も限界線に入っています。",
        "Without a baseline the limits come from the window itself, unusual points included.",
    ),
    "autocorrelated": Words(
        "続く点どうしが似ています。限界線が実際より狭く、外れが多く出ます。",
        "Points resemble the ones before: the limits are too narrow, and more points fall outside.",
    ),
    "not_normal": Words(
        "値が正規分布に見えません。工程能力指数から不良率を読み取らないでください。",
        "The values do not look normal: do not read a share of defects from the indices.",
    ),
    "not_in_control": Words(
        "管理図で外れた点があります。安定してから工程能力を見てください。",
        "The control chart shows points outside: make the process stable before judging its capability.",
    ),
    "wide": Words(
        "値が30に足りません。区間の広さを見てください。",
        "There are fewer than 30 values: mind the width of the interval.",
    ),
    "no_spread": Words("値がまったくばらつきません。", "The values do not vary at all."),
    "person": Words(
        "一人の人が働く工程です。1時間より細かい値は使っていません。",
        "One person works here: nothing finer than an hour is used.",
    ),
    "low_coverage": Words(
        "データのない時間が多い区切りを外しました。", "Buckets with too much time without data are left out."
    ),
}


def told(*keys: str) -> list[dict[str, str]]:
    """The sentences of some keys, each once, in their order."""
    return [{"code": key, **both(CAVEATS[key])} for key in dict.fromkeys(keys)]


def rule(number: int) -> dict[str, object]:
    """A rule of Nelson's in words."""
    return {"rule": number, **both(nelson.RULES[number])}
