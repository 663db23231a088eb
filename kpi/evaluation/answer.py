"""The body of GET /evaluation, from the days of both windows to the statement.

A person's station (`privacy = "person"`): everything here is of whole days, finer than nothing the contract forbids;
who only looks gets no p05 and p95, no single product, no shares of products, and days cut at whole hours.
"""

from dataclasses import replace
from statistics import mean

from contract.words import Words
from kpi.answers import Answers, Place
from kpi.evaluation import beforehand, registered
from kpi.evaluation import doubts as doubting
from kpi.evaluation.asking import Question
from kpi.evaluation.body import Body, body
from kpi.evaluation.days import Seeking
from kpi.evaluation.doubts import Doubt, Evidence
from kpi.evaluation.paths import Figure, figure
from kpi.evaluation.sides import Sides, compared
from kpi.evaluation.statement import Compared, Story
from kpi.evaluation.undefined import why_undefined
from kpi.evaluation.worse import NextNeck, others_got_worse
from kpi.privacy import veiled
from kpi.problems import Problem, unknown
from kpi.products_apart import refuse_products
from kpi.tokens import Role

THROUGHPUT, QUALITY = "throughput_per_h", "quality_ratio"


def evaluation(answers: Answers, asked: Question, role: Role) -> Body:
    """The whole answer. Raises Problem (404, 422, 403)."""
    place, now = answers.place(asked.station), answers.desk.now_ns()
    _refuse(answers, asked, role)
    single = asked.by == "cycle"
    sides = _days(answers, place, asked, now, role)
    control = None if asked.control is None else answers.place(asked.control)
    other = None if control is None else _days(answers, control, replace(asked, product=None), now, role)
    told = compared(place.name, asked.figure, sides, other, single=single)
    known = _evidence(answers, asked, place, sides, told, now, role)
    stands = registered.registered(answers.desk.store, asked)
    primary = registered.of_these_windows(answers.desk.store, asked)
    caveats = [*doubting.doubts(known), *beforehand.of_registration(stands, primary, asked)]
    story = _story(answers, asked, place, sides, told, known, caveats, now, role)
    return body(answers, asked, place, sides, other, told, story, caveats, role)


def _refuse(answers: Answers, asked: Question, role: Role) -> None:
    """What cannot be asked of this station, or by this role."""
    for station in (asked.station, *([asked.control] if asked.control else [])):
        place = answers.place(station)
        if asked.figure.nearly_single and veiled(answers.line.stations[station], role):
            raise Problem(
                403,
                "person",
                Words(f"「{place.name}」は一人の人が働く工程なので、5 %・95 % の値は表示しません。",
                      f"One person works at {place.name}: p05 and p95 are not shown."),
                Words("中央値(median)を使ってください。", "Ask for the median."),
            )  # fmt: skip
        phases = sorted({role.name for _, role, _ in place.settings.with_role("phase")})
        if asked.figure.phase is not None and asked.figure.phase not in phases:
            raise unknown("要素", "phase", asked.figure.phase, phases)
    if asked.control == asked.station:
        words = Words("比較工程(control)は別の工程を選んでください。", "control must be another station.")
        raise Problem(422, "bad-control", words)
    if asked.by == "cycle" and (not asked.figure.per_piece or asked.control is not None):
        raise Problem(
            422,
            "no-cycles",
            Words("by=cycle は cycle_time_s と phases.… だけで使え、control とは一緒に使えません。",
                  "by=cycle is for cycle_time_s and phases.… only, and without control."),
            Words("by=day にしてください。", "Use by=day."),
        )  # fmt: skip
    if asked.product is not None:
        place = answers.place(asked.station)
        if asked.product not in place.settings.products:
            raise unknown("品番", "product", asked.product, place.history.products())
        if veiled(answers.line.stations[asked.station], role):
            raise refuse_products(answers.line.stations[asked.station])


def _days(answers: Answers, place: Place, asked: Question, now: int, role: Role) -> Sides:
    """Both sides of a station, with the ideals in force at the end of the window before."""
    moment = min(asked.windows.before[1], now) - 1
    fixed = replace(place, settings=place.settings.with_ideals_of(moment))
    seeking = Seeking(
        answers, fixed, now, asked.go_on, asked.product, veiled(answers.line.stations[place.id], role),
        (asked.figure,) if asked.by == "cycle" else (),
    )  # fmt: skip
    return Sides(seeking.days(*asked.windows.before), seeking.days(*asked.windows.after))


def _evidence(
    answers: Answers, asked: Question, place: Place, sides: Sides, told: Compared, now: int, role: Role
) -> Evidence:
    marks = [
        entry
        for entry in answers.desk.store.entries("event", asked.windows.before[0], asked.windows.after[1])
        if entry.body.get("kind") == "improvement" and entry.body.get("station") in (None, asked.station)
    ]
    return Evidence(
        asked, place, {"before": sides.before, "after": sides.after}, told.judged, told.days, now, marks,
        answers.desk.demo is not None, not veiled(answers.line.stations[place.id], role),
        told.one_formula, {product.id: product.name for product in answers.line.products.values()},
    )  # fmt: skip


def _story(
    answers: Answers, asked: Question, place: Place, sides: Sides, told: Compared, known: Evidence,
    caveats: list[Doubt], now: int, role: Role,
) -> Story:  # fmt: skip
    """What is told beside the figure: output of the line, quality, what got worse, what it rests on."""
    judged = told.judged.verdict != "not_judged"
    output = neck = quality = None
    worse: list[Compared] = []
    looked_at = 0
    if judged:
        neck = NextNeck(answers, place, asked.windows.after[1], sides.after)
        last = neck.last
        if last is not None and asked.figure.kpi != THROUGHPUT:
            there = sides if last.id == place.id else _days(answers, last, replace(asked, product=None), now, role)
            output = compared(last.name, figure(THROUGHPUT), there, None)
        worse, looked_at = others_got_worse(asked, place.name, sides.before, sides.after)
        if place.settings.with_role("scrap") and asked.figure.kpi not in (QUALITY, "first_pass_ratio"):
            quality = compared(place.name, figure(QUALITY), sides, None)
    products = _products(answers, asked, sides, role)
    stands = registered.registered(answers.desk.store, asked)
    return Story(
        products, _coverage(asked.figure, sides), all(c.code != "sensor_changed" for c in caveats),
        None if asked.control is None else answers.place(asked.control).name, bool(stands), known.virtual,
        len(caveats), output, neck.name if neck else None, quality, tuple(worse), looked_at,
        beforehand.is_late(stands, asked), tuple(known.name(product) or product for product in products),
        None if judged else why_undefined(asked.figure, (*sides.before, *sides.after)),
    )  # fmt: skip


def _products(answers: Answers, asked: Question, sides: Sides, role: Role) -> list[str]:
    """The products whose pieces count, by id."""
    if asked.product is not None:
        return [asked.product]
    if veiled(answers.line.stations[asked.station], role):
        return []
    days = [day for day in (*sides.before, *sides.after) if day.why_not(asked.figure) is None]
    return sorted({p for day in days for p, made in (day.made or {}).items() if p is not None and made > 0})


def _coverage(wanted: Figure, sides: Sides) -> float | None:
    found = [d.coverage for d in (*sides.before, *sides.after) if d.why_not(wanted) is None and d.coverage is not None]
    return mean(found) if found else None
