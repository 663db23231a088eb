"""Outboxes of agents that the line no longer names: an agent that was renamed leaves its unsent readings behind."""

from collections.abc import Collection, Iterator
from pathlib import Path

from contract.errors import NotThere
from contract.words import Words
from edge.outbox_glance import glance


def left_behind(directory: Path, agents: Collection[str]) -> Iterator[NotThere]:
    """What is to be said of each outbox in ``directory`` of none of ``agents`` that holds readings the store lacks."""
    for file in sorted(directory.glob("*.outbox.sqlite")):
        if file.name.partition(".outbox.")[0] in agents:
            continue
        try:
            found = glance(file)
        except OSError:  # no outbox: whoever wants to know asks `kojo doctor`
            continue
        if found.backlog:
            yield _left(file, found.agent, found.backlog)


def _left(file: Path, agent: str, backlog: int) -> NotThere:
    return NotThere(
        Words(
            f"line.toml にないエージェント「{agent}」の、送り終えていない記録が {backlog} 件 {file} に残っています。",
            f"{file} holds {backlog} readings of the agent {agent} not delivered; line.toml does not name it.",
        ),
        Words(
            f"名前を変えた場合は、この機械の line.toml でいったん「{agent}」に戻し、"
            f"kojo edge --agent {agent} を動かして送り終えてから新しい名前にしてください。",
            f"Hint: if it was renamed, put {agent} back into this machine's line.toml, run kojo edge --agent {agent} "
            "until all is sent, and rename it then.",
        ),
    )
