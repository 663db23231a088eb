"""What the agents say of themselves on `_agents`, as the line knows it: rules, outputs, why something is not well."""

from collections.abc import Iterator, Mapping
from typing import Any

from contract.line import Line, Output, Rule
from contract.words import Words

NOT_WELL = ("broken", "hanging")


def rules_in(line: Line, said: Mapping[str, Any], phase: str) -> Iterator[tuple[int, Rule, Mapping[str, Any]]]:
    """The rules an agent says are in that phase; those it knows from another version of the file are left out."""
    rows = said.get("rules")
    for row in rows if isinstance(rows, list) else ():
        number = row.get("rule") if isinstance(row, Mapping) else None
        if type(number) is not int or not 1 <= number <= len(line.rules) or row.get("state") != phase:
            continue
        rule = line.rules[number - 1]
        if (str(rule.when), f"{rule.station}/{rule.output}") == (row.get("when"), row.get("set")):
            yield number, rule, row


def said_of_output(line: Line, output: Output, heard: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    agent = heard.get(line.stations[output.station].agent or "")
    if agent is None or agent.get("state") != "online":
        return None
    return health_of(agent, "outputs", f"{output.station}/{output.id}")


def output_of(line: Line, name: str) -> Output | None:
    station, _, id = name.partition("/")
    return line.stations[station].outputs.get(id) if station in line.stations else None


def health_of(said: Mapping[str, Any], what: str, name: str) -> Mapping[str, Any]:
    return mapping(mapping(said.get(what)).get(name))


def mapping(said: object) -> Mapping[str, Any]:
    return said if isinstance(said, Mapping) else {}


def text(said: object) -> str | None:
    return said if isinstance(said, str) else None


def why_of(health: Mapping[str, Any]) -> Words:
    none = Words("理由は届いていません。", "No reason was given.")
    return Words(text(health.get("why_ja")) or none.ja, text(health.get("why_en")) or none.en)
