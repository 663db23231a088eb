"""What somebody at a station must see now: a call, the alarm of a rule, an output that cannot do its duty.

    signals(line, agents, "operator")["cold"]
    [{"kind": "alarm", "since": "…", "title": {ja, en}, "why": {ja, en}, "todo": {ja, en}, "rules": [1, 2], …}]

Rules are followed by the agents, network or not; each says where its rules and outputs stand (`_agents/{agent}`), and
that is put into words here. Nothing is judged anew: what an agent does not say is not known, and that is said as well.

    call       a button was pressed, and waits for its answer
    alarm      a rule stands that a lamp, a buzzer or a coloured light tells of, or one that waits for an answer
    blind      the sensor of a rule is broken or silent: nobody watches
    failsafe   an output is in its safe state because its agent, its sensor or its wires are lost; or nobody knows
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract.line import Line, Rule
from contract.words import Words
from kpi.agents_said import NOT_WELL, output_of, rules_in, said_of_output, text
from kpi.signal import LOUDEST, Body, Signal, joined
from kpi.signal_words import condition_said, is_press, long_said, quoted, value_said, watch_said
from kpi.signals_lost import blind, broken, gone
from kpi.tokens import Role

MOST = 20
"""Of one station; a line may have more rules than anybody reads."""

_QUIET = ("off", "green", "blink-green")


def signals(line: Line, agents: Sequence[Mapping[str, Any]], role: Role) -> dict[str, list[Body]]:
    """Every station's signals, the loudest first. ``agents``: those of the collector's status."""
    heard = {str(agent.get("agent")): agent for agent in agents}
    found = [one for agent in line.agents if agent in heard for one in _of_agent(line, agent, heard)]
    found.sort(key=lambda one: (LOUDEST.index(one.kind), one.since or ""))
    return {
        station: [one.body(line, role) for one in found if station in one.stations][:MOST] for station in line.stations
    }


def _of_agent(line: Line, agent: str, heard: Mapping[str, Mapping[str, Any]]) -> Iterator[Signal]:
    said = heard[agent]
    if said.get("state") == "offline":
        yield from gone(line, agent, said)
    elif said.get("state") == "online":
        yield from _standing(line, said, heard)
        yield from blind(line, said)
        yield from broken(line, said)


# ------------------------------------------------------------------------------------------------ rules that stand


def _standing(line: Line, said: Mapping[str, Any], heard: Mapping[str, Mapping[str, Any]]) -> Iterator[Signal]:
    """Rules that hold, those with one cause or one answer together."""
    groups: list[list[tuple[int, Rule, str | None]]] = []
    for number, rule, row in rules_in(line, said, "holding"):
        if not is_alarm(line, rule):
            continue
        mine = (number, rule, text(row.get("since")))
        group = next((g for g in groups if any(_belong(rule, other) for _, other, _ in g)), None)
        if group is None:
            groups.append([mine])
        else:
            group.append(mine)
    for group in groups:
        yield _stands(line, group, heard)


def _belong(one: Rule, other: Rule) -> bool:
    return one.when == other.when or (one.until is not None and one.until == other.until)


def is_alarm(line: Line, rule: Rule) -> bool:
    """Whether it tells people of something, and does not only do its work (a door, a fan, a green light)."""
    output = output_of(line, f"{rule.station}/{rule.output}")
    if rule.until is not None:
        return True
    if output is None or rule.after is not None:
        return False
    if isinstance(rule.value, str):
        return output.type == "signal_light" and rule.value not in _QUIET
    return output.type in ("lamp", "buzzer") and rule.value != 0 and not is_press(line, rule.when)


def _stands(
    line: Line, group: Sequence[tuple[int, Rule, str | None]], heard: Mapping[str, Mapping[str, Any]]
) -> Signal:
    called = [rule for _, rule, _ in group if rule.until is not None and is_press(line, rule.when)]
    first = called[0] if called else next((rule for _, rule, _ in group if rule.name), group[0][1])
    others = {_said_of(line, rule): rule for _, rule, _ in group if rule.when != first.when}
    why = [_said_of(line, first, is_title=not first.name), *others]
    outputs = tuple(dict.fromkeys(f"{rule.station}/{rule.output}" for _, rule, _ in group))
    why += [said for name in outputs if (said := _otherwise(line, name, group, heard))]
    return Signal(
        "call" if called else "alarm",
        tuple(dict.fromkeys(s for _, rule, _ in group for s in (rule.series.station, rule.station))),
        watch_said(line, first),
        joined(why),
        _todo(line, [rule for _, rule, _ in group], is_call=bool(called)),
        min((since for _, _, since in group if since), default=None),
        tuple(number for number, _, _ in group),
        outputs,
    )


def _said_of(line: Line, rule: Rule, *, is_title: bool = False) -> Words:
    """Why a rule stands: its condition, if that is not the title, and for how long it had to last."""
    said = condition_said(line, rule.when)
    if is_title:
        long = long_said(rule.for_s)
        return Words(f"{long.ja}以上続きました。", f"For {long.en} or more.") if rule.for_s else Words("", "")
    if not rule.for_s:
        return Words(f"{said.ja}。", f"{said.en}.")
    long = long_said(rule.for_s)
    return Words(f"{said.ja}({long.ja}以上続きました)。", f"{said.en} (for {long.en} or more).")


def _todo(line: Line, rules: Sequence[Rule], *, is_call: bool) -> Words:
    """What a person does: what line.toml says, and how it ends."""
    own = [Words(f"{todo}。", f"{todo}.") for rule in rules if (todo := rule.todo.rstrip("。. "))]
    usual = Words("現場を見て、原因を直してください。", "Go and see, and put the cause right.")
    go = Words("呼んだ人のところへ行ってください。", "Go to whoever called.")
    said = list(dict.fromkeys(own)) or [go if is_call else usual]
    answers = dict.fromkeys(_answer(line, rule) for rule in rules if rule.until is not None)
    ends = list(answers) or [Words("条件が終われば、自動で止まります。", "It ends by itself when that is over.")]
    return joined([*said, *ends])


def _answer(line: Line, rule: Rule) -> Words:
    assert rule.until is not None
    station = line.stations[rule.until.series.station]
    sensor = station.sensors.get(rule.until.series.sensor)
    if sensor is not None and is_press(line, rule.until):
        named = quoted(sensor.called)
        return Words(f"済んだら{named.ja}を押してください。押すまで続きます。",
                     f"Then press {named.en}; it goes on until that is pressed.")  # fmt: skip
    said = condition_said(line, rule.until)
    return Words(f"{said.ja}、となるまで続きます。", f"It goes on until {said.en}.")


def _otherwise(
    line: Line, name: str, group: Sequence[tuple[int, Rule, str | None]], heard: Mapping[str, Mapping[str, Any]]
) -> Words | None:
    """That an output is not what the rules ask for: by hand, or after its longest time."""
    output = output_of(line, name)
    said = None if output is None else said_of_output(line, output, heard)
    if output is None or said is None or said.get("state") in NOT_WELL:
        return None
    value, by = said.get("v"), said.get("by")
    wanted = {rule.value for _, rule, _ in group if f"{rule.station}/{rule.output}" == name}
    if not isinstance(value, int | float | str) or value in wanted or by not in ("command", "safe"):
        return None
    now, named = value_said(output, value), quoted(output.called)
    if by == "command":
        return Words(f"{named.ja}は人の操作で「{now.ja}」です。", f"By hand {named.en} is {now.en}.")
    return Words(f"{named.ja}は決めた時間が過ぎたので「{now.ja}」です。", f"Its time is over: {named.en} is {now.en}.")
