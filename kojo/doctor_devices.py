"""What `kojo doctor` says of sensors and outputs: those that an agent itself reports as broken, or as hanging."""

from collections.abc import Iterator, Mapping
from typing import Any

from contract.line import Line
from contract.words import Words
from kojo.findings import Finding

MOST, LONGEST = 10, 500
_NOT_WELL = {"broken": Words("異常です", "is broken"), "hanging": Words("応答がないまま止まっています", "hangs")}
_NO_REASON = Words("理由は届いていません", "no reason was given")


def of_devices(agents: list[Mapping[str, Any]], line: Line | None = None) -> Iterator[Finding]:
    """Each sensor and output that is not well, with the agent's reason; of more than ten the rest is counted.

    With the line they are called as people call them, too.

    ``agents``: those of the server's status. One that is not connected is told as such, and what it said last is old.
    """
    found = [
        _device(str(agent["agent"]), what, _called(name, line), health)
        for agent in agents
        if agent.get("state") == "online"
        for key, what in (("sensors", _SENSOR), ("outputs", _OUTPUT))
        for name, health in sorted((agent.get(key) or {}).items())
        if isinstance(health, Mapping) and health.get("state") in _NOT_WELL
    ]
    yield from found[:MOST]
    if len(found) > MOST:
        rest = len(found) - MOST
        what = Words(f"ほかに {rest} 個のセンサー・出力が異常です。", f"{rest} more sensors and outputs are not well.")
        yield Finding("bad", what, _SEE)


def _called(name: str, line: Line | None) -> str:
    """``cold/air (庫内の温度)`` where it has a name."""
    station, _, id = name.partition("/")
    if line is None or station not in line.stations:
        return name
    here = line.stations[station]
    thing = here.sensors.get(id) or here.outputs.get(id)
    return f"{name} ({thing.name})" if thing is not None and thing.name else name


_SENSOR, _OUTPUT = Words("センサー", "sensor"), Words("出力", "output")
_SEE = Words(
    "電源と線、line.toml の設定(ピン、アドレス、ポート)を確かめてください。"
    "その種類の配線と、うまくいかないときの直し方は「kojo sensors 種類」に出ます。直れば自動で読み始めます。",
    "See to its power, its wires and its settings in line.toml (pin, address, port); `kojo sensors TYPE` shows the "
    "wiring and what goes wrong. It is read again by itself once it works.",
)


def _device(agent: str, what: Words, name: str, health: Mapping[str, Any]) -> Finding:
    state = _NOT_WELL[health["state"]]
    why = Words(_line(health.get("why_ja")) or _NO_REASON.ja, _line(health.get("why_en")) or _NO_REASON.en)
    many = health.get("troubles")
    often = Words(f"(これまでに {many:,} 回)", f" ({many:,} times so far)") if type(many) is int else Words("", "")
    told = Words(
        f"{what.ja} {_line(name)}(エージェント {agent})が{state.ja}{often.ja}: {why.ja}",
        f"The {what.en} {_line(name)} of the agent {agent} {state.en}{often.en}: {why.en}",
    )
    return Finding("bad", told, _SEE)


def _line(said: object) -> str:
    """What came over the network, as one line a terminal can show."""
    if not isinstance(said, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in said[:LONGEST])
