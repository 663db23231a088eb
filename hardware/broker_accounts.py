"""Who has an account at the broker, and what it may do there: derived from the line.

    agent       writes its stations' readings and its own state; reads its own confirmations and its stations' commands
    team        writes its stations' readings; reads their commands (an ESP32, Node-RED)
    station     the devices of a station that has neither an agent nor a team: the same for that station
    _collector  reads everything of the line; writes confirmations and its own counters
    _viewer     reads readings and states, but nothing of a station where one person works (privacy = "person")
    _operator   reads everything of the line; writes commands

Ids that begin with ``_`` belong to the kit, so no agent or team can be called like these three.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from contract.broker_access import AccessList, Grant
from contract.line import Line

Kind = Literal["agent", "team", "station", "collector", "viewer", "operator"]

COLLECTOR, VIEWER, OPERATOR = "_collector", "_viewer", "_operator"


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its name at the broker (``user``), whose it is (``kind`` and ``id``), what it may do."""

    kind: Kind
    id: str
    user: str
    grants: tuple[Grant, ...]


def accounts(line: Line) -> tuple[Account, ...]:
    """Every account of a line."""
    return (
        *_agents(line),
        *_teams(line),
        *_stations(line),
        Account("collector", "collector", COLLECTOR, tuple(_collector(line))),
        Account("viewer", "viewer", VIEWER, tuple(_viewer(line))),
        Account("operator", "operator", OPERATOR, tuple(_operator(line))),
    )


def access_list(line: Line) -> AccessList:
    """The access list of a line."""
    return AccessList({account.user: account.grants for account in accounts(line)})


def _agents(line: Line) -> Iterator[Account]:
    topics = line.topics
    for agent in line.agents:
        stations = tuple(station.id for station in line.stations_of(agent))
        grants = [
            *(Grant("write", topics.readings(id)) for id in stations),
            Grant("write", topics.agent(agent)),
            Grant("read", topics.acks(agent)),
            *(Grant("read", topics.command(id, "+")) for id in stations),
            *(Grant("write", topics.command(*elsewhere)) for elsewhere in _outputs_elsewhere(line, agent)),
        ]
        yield Account("agent", agent, agent, tuple(grants))


def _outputs_elsewhere(line: Line, agent: str) -> Iterator[tuple[str, str]]:
    """What this agent's rules set at stations of other agents."""
    own = {station.id for station in line.stations_of(agent)}
    told = ((rule.station, rule.output) for rule in line.rules if rule.series.station in own)
    yield from dict.fromkeys(place for place in told if place[0] not in own)


def _teams(line: Line) -> Iterator[Account]:
    for team in line.teams:
        # A team that is called like an agent is not that agent.
        user = f"team.{team.id}" if team.id in line.agents else team.id
        yield Account("team", team.id, user, tuple(_devices(line, team.stations)))


def _stations(line: Line) -> Iterator[Account]:
    of_teams = {id for team in line.teams for id in team.stations}
    for id, station in line.stations.items():
        if not station.agent and id not in of_teams:
            yield Account("station", id, f"station.{id}", tuple(_devices(line, (id,))))


def _devices(line: Line, stations: Sequence[str]) -> Iterator[Grant]:
    for id in stations:
        yield Grant("write", line.topics.readings(id))
        yield Grant("read", line.topics.command(id, "+"))


def _collector(line: Line) -> Iterator[Grant]:
    yield Grant("read", line.topics.everything)
    yield Grant("write", line.topics.acks("+"))
    yield Grant("write", line.topics.collector("+"))


def _viewer(line: Line) -> Iterator[Grant]:
    for id, station in line.stations.items():
        if station.privacy != "person":
            yield Grant("read", line.topics.readings(id))
    yield Grant("read", line.topics.agent("+"))
    yield Grant("read", line.topics.collector("+"))


def _operator(line: Line) -> Iterator[Grant]:
    yield Grant("read", line.topics.everything)
    yield Grant("write", line.topics.command("+", "+"))
