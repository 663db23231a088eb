"""Signals of what is lost: a rule's sensor, an output, an agent. What then is safe, and what nobody knows, is said."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contract.line import Line, Output, Rule
from contract.words import Words
from kpi.agents_said import NOT_WELL, health_of, mapping, output_of, rules_in, text, why_of
from kpi.signal import Signal, joined
from kpi.signal_words import quoted, value_said

_SEE_WIRES = Words("線と電源を確かめてください。直れば自動で戻ります。それまでは目で見てください。",
                   "See to its wires and power; it comes back by itself. Until then look for yourself.")  # fmt: skip

# ------------------------------------------------------------------------------------------------ nobody watches


def blind(line: Line, said: Mapping[str, Any]) -> Iterator[Signal]:
    """Rules whose sensor is lost, one signal for each sensor."""
    found: dict[tuple[str, str], Signal] = {}
    for number, rule, row in rules_in(line, said, "lost"):
        station, sensor = _lost_sensor(rule, said)
        output = output_of(line, f"{rule.station}/{rule.output}")
        mine = _blinded(line, said, rule, station, sensor, output)
        mine = replace(mine, since=text(row.get("since")), rules=(number,))
        before = found.get((station, sensor))
        if before is not None:
            mine = replace(
                before,
                stations=tuple(dict.fromkeys((*before.stations, *mine.stations))),
                why=before.why if mine.why == before.why else joined([before.why, _effect(rule, output)]),
                since=min((s for s in (before.since, mine.since) if s), default=None),
                rules=(*before.rules, number),
                outputs=tuple(dict.fromkeys((*before.outputs, *mine.outputs))),
            )
        found[station, sensor] = mine
    yield from found.values()


def _lost_sensor(rule: Rule, said: Mapping[str, Any]) -> tuple[str, str]:
    """The sensor of a rule that is not well; where none says so, the one of its condition, which is silent."""
    named = [(c.series.station, c.series.sensor) for c in rule.conditions]
    states = {name: health_of(said, "sensors", "/".join(name)).get("state") for name in named}
    return next((name for name in named if states[name] in NOT_WELL), named[0])


def _blinded(
    line: Line, said: Mapping[str, Any], rule: Rule, station: str, sensor: str, output: Output | None
) -> Signal:
    thing = line.stations[station].sensors.get(sensor)
    named = quoted(thing.called if thing else sensor)
    health = health_of(said, "sensors", f"{station}/{sensor}")
    silent = Words("値が来ません。", "No value comes.")
    why = why_of(health) if health.get("state") in NOT_WELL else silent
    return Signal(
        "blind",
        tuple(dict.fromkeys((rule.series.station, rule.station))),
        Words(f"{named.ja}が見えず、見張れません", f"{named.en} is lost: nobody watches"),
        joined([why, _effect(rule, output)]),
        _SEE_WIRES,
        outputs=(f"{rule.station}/{rule.output}",),
    )


def _effect(rule: Rule, output: Output | None) -> Words:
    """What becomes of the output meanwhile."""
    if output is None:
        return Words("", "")
    named = quoted(output.called)
    if rule.lost is not None:
        now = value_said(output, rule.lost)
        return Words(f"そのあいだ{named.ja}は「{now.ja}」の状態です。", f"Meanwhile {named.en} is {now.en}.")
    return Words(f"規則を止め、{named.ja}は安全側です。", f"The rule rests and {named.en} is in its safe state.")


# ------------------------------------------------------------------------------------------------ outputs


def broken(line: Line, said: Mapping[str, Any]) -> Iterator[Signal]:
    """Outputs that are broken or hang."""
    for name, health in sorted(mapping(said.get("outputs")).items()):
        output = output_of(line, name)
        if output is None or not isinstance(health, Mapping) or health.get("state") not in NOT_WELL:
            continue
        named = quoted(output.called)
        yield Signal(
            "failsafe",
            (output.station,),
            Words(f"出力{named.ja}が動きません", f"The output {named.en} does not work"),
            joined([why_of(health), Words("安全側の状態になっているはずです。", "It should be in its safe state.")]),
            _SEE_WIRES,
            text(health.get("since")),
            outputs=(name,),
        )


def gone(line: Line, agent: str, said: Mapping[str, Any]) -> Iterator[Signal]:
    """The agent is not connected: what it drives and watches nobody sees; what it asks of others is over."""
    own = {station.id for station in line.stations_of(agent)}
    ended = said.get("clean") is True
    at = text(said.get("at" if ended else "well_until"))  # a last will was written when its connection began
    watched = {s: [n for n, r in enumerate(line.rules, 1) if r.series.station == s] for s in own}
    for station in line.stations_of(agent):
        if station.outputs or watched[station.id]:
            outputs = tuple(f"{station.id}/{id}" for id in station.outputs)
            yield replace(_unseen(agent, ended=ended, drives=bool(outputs)), stations=(station.id,), since=at,
                          rules=tuple(watched[station.id]), outputs=outputs)  # fmt: skip
    for number, rule in enumerate(line.rules, 1):
        output = output_of(line, f"{rule.station}/{rule.output}")
        if rule.series.station in own and rule.station not in own and output is not None:
            yield replace(_let_go(agent, output), since=at, rules=(number,))


def _unseen(agent: str, *, ended: bool, drives: bool) -> Signal:
    if ended:
        return Signal(
            "failsafe", (),
            Words("規則が止まっています", "Its rules rest"),
            Words(f"{agent} は止められています。{'出力は安全側で、' if drives else ''}規則は動きません。",
                  f"The agent {agent} was ended: {'outputs are in their safe state, ' if drives else ''}no rule runs."),
            Words(f"動かすには {agent} で kojo edge を始めてください。それまでは目で見てください。",
                  f"Start kojo edge on {agent}. Until then look for yourself."),
        )  # fmt: skip
    return Signal(
        "failsafe", (),
        Words("警報をここから見られません", "Alarms cannot be seen from here"),
        Words(f"{agent} と連絡がありません。Pi が動いていれば規則は Pi だけで続きますが、"
              f"{'出力の今の状態は' if drives else '今どうなっているかは'}分かりません。",
              f"{agent} is not connected. If it runs, its rules go on by themselves; "
              f"{'what its outputs are' if drives else 'what they see'} is not known."),
        Words(f"現場で灯りと計器を見てください。{agent} の電源と LAN を確かめてください。",
              f"Look at lamps and gauges on the spot. See to the power and the network of {agent}."),
    )  # fmt: skip


def _let_go(agent: str, output: Output) -> Signal:
    named = quoted(output.called)
    return Signal(
        "failsafe",
        (output.station,),
        Words(f"{named.ja}は安全側です", f"{named.en} is in its safe state"),
        Words(f"{named.ja}を動かす規則は {agent} が見ています。{agent} と連絡がないので、安全側に戻しています。",
              f"{agent} follows the rule of {named.en} and is not connected, so it went back to its safe state."),
        Words(f"{agent} の電源と LAN を確かめてください。戻れば自動で動きます。",
              f"See to the power and the network of {agent}; it goes on by itself."),
        outputs=(f"{output.station}/{output.id}",),
    )  # fmt: skip
