"""Five rates of one day: two of them are mixed up by most, so a day where they agree is not enough."""

from contract.words import Words
from curriculum.checking import Miss, Work

SHIFT_S = 25_200
CLOSE = 0.00005
PAPER = {"kadoritsu": 20 * 1060 / (445 * 60), "utilization": 20 * 1200 / (445 * 60)}
"""The worked day of the text."""


def check(work: Work) -> None:
    work.start()
    rates = work.name("rates")

    def day(stop_s, good, ng, demand, overtime_s=0, no_data_s=0):
        return work.call(rates, SHIFT_S + overtime_s, no_data_s, SHIFT_S, stop_s, 30, good, ng, demand)

    def want(hint, about, told, key, value):
        got = told.get(key) if isinstance(told, dict) else None
        if not isinstance(got, int | float) or abs(got - value) > CLOSE:
            raise Miss(
                hint,
                expected=Words(f"{about.ja}: {key} は {value:.4f}", f"{about.en}: {key} is {value:.4f}"),
                actual=Words(f"{key} は {_said(got)}", f"{key} is {_said(got)}"),
            )

    stood = Words(
        "420分のうち70分止まり、良品600・不良12・必要700", "420 min, stood for 70, 600 good, 12 bad, 700 wanted"
    )
    stood_told = told = day(stop_s=4200, good=600, ng=12, demand=700)
    if isinstance(told, dict) and any(value > 3 for value in _rates(told).values()):
        raise Miss(
            "fraction",
            expected=Words("率は 0.714 のような割合", "a rate is a fraction such as 0.714"),
            actual=Words(*[", ".join(f"{k} = {_said(v)}" for k, v in _rates(told).items() if v > 3)] * 2),
        )
    _not_of_paper(told)
    want("speed-time", stood, told, "availability", 21_000 / SHIFT_S)
    want("speed-time", stood, told, "effectiveness", 30 * 612 / 21_000)
    want("good-only", stood, told, "quality_ratio", 600 / 612)
    if _near(told, "kadoritsu", 30 * 600 / 21_000):
        want("stops-included", stood, told, "kadoritsu", 30 * 600 / SHIFT_S)
    want("good-only", stood, told, "kadoritsu", 30 * 600 / SHIFT_S)
    want("takt", stood, told, "takt_s", 36.0)
    want("takt", stood, told, "plan_attainment", 600 / 700)
    want("two-rates", stood, told, "utilization", 700 * 30 / SHIFT_S)

    calm = Words("止まらず良品840個、必要350個", "no stop, 840 good, 350 wanted")
    want("two-rates", calm, day(0, 840, 0, 350), "utilization", 350 * 30 / SHIFT_S)
    busy = Words("止まらず良品840個、必要1,008個", "no stop, 840 good, 1,008 wanted")
    told = day(0, 840, 0, 1008)
    want("never-clipped", busy, told, "utilization", 1.2)
    want("good-only", busy, told, "kadoritsu", 1.0)

    late = Words(
        "別の日(定時420分と残業120分のうち70分止まり、良品780・不良12・必要700)",
        "another day (420 min and 120 of overtime, stood for 70, 780 good, 12 bad, 700 wanted)",
    )
    told = day(stop_s=4200, good=780, ng=12, demand=700, overtime_s=7200)
    want("regular-hours", late, told, "utilization", 700 * 30 / SHIFT_S)
    want("stops-included", late, told, "kadoritsu", 30 * 780 / (SHIFT_S + 7200))
    want("takt", late, told, "takt_s", 36.0)

    silent = Words(
        "別の日(420分のうち60分止まり、45分データなし、良品540・不良10・必要700)",
        "another day (420 min, stood for 60, 45 without data, 540 good, 10 bad, 700 wanted)",
    )
    told = day(stop_s=3600, good=540, ng=10, demand=700, no_data_s=2700)
    want("not-seen", silent, told, "availability", 18_900 / 22_500)
    want("not-seen", silent, told, "kadoritsu", 30 * 540 / 22_500)
    want("regular-hours", silent, told, "utilization", 700 * 30 / SHIFT_S)

    for told in (day(0, 0, 0, 700, no_data_s=SHIFT_S), work.call(rates, 0, 0, SHIFT_S, 0, 30, 0, 0, 700)):
        if told is not None:
            raise Miss(
                "unknown-is-none",
                expected=Words("何も見えなかった日は None(分からない)", "a day that nobody saw is None: not known"),
                actual=Words(f"返ってきたのは {_said(told)}", f"{_said(told)} was returned"),
            )
    rate, used = _said(stood_told["kadoritsu"]), _said(stood_told["utilization"])
    work.saw = Words(
        f"{stood.ja}の日: kadoritsu {rate}、utilization {used}。何も見えなかった日は None。",
        f"{stood.en}: kadoritsu {rate}, utilization {used}; a day that nobody saw: None.",
    )


def _not_of_paper(told):
    """Minutes for seconds, or the numbers of the worked day written in."""
    for key, value in (("kadoritsu", 30 * 600 / SHIFT_S), ("utilization", 700 * 30 / SHIFT_S)):
        for hint, wrong in (("already-seconds", value / 60), ("names-not-numbers", PAPER[key])):
            if _near(told, key, wrong):
                raise Miss(
                    hint,
                    expected=Words(f"この日の {key} は {value:.4f}", f"{key} of this day is {value:.4f}"),
                    actual=Words(f"{key} は {_said(told[key])}", f"{key} is {_said(told[key])}"),
                )


def _near(told, key, value):
    got = told.get(key) if isinstance(told, dict) else None
    return isinstance(got, int | float) and abs(got - value) <= CLOSE


def _rates(told):
    return {key: value for key, value in told.items() if key != "takt_s" and isinstance(value, int | float)}


def _said(value):
    return f"{value:.4f}" if isinstance(value, float) else str(value)
