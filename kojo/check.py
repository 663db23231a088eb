"""``kojo check``: every mistake of a line file at once, or what the line is in a few words and what it hardly means."""

import json
import sys
from pathlib import Path

from contract.errors import LineError
from contract.line import Line, load
from contract.line_advice import advice
from contract.line_schema import schema
from contract.words import Words
from edge.sensors import catalogue


def check(file: Path, data: Path) -> int:
    """Check one file; 0 when it is right (warnings on stderr are no mistakes), 2 with every mistake on stderr."""
    try:
        line = load(file, catalogue(data / "sensors"))
    except LineError as error:
        print(error.say(), file=sys.stderr)
        many = len(error.mistakes)
        print(Words(f"\n間違いが {many} 個あります。", f"\n{many} mistake(s)."), file=sys.stderr)
        return 2
    print(summary(line))
    _advise(line)
    return 0


def _advise(line: Line) -> None:
    """Say on stderr what is no mistake and yet hardly meant."""
    words = advice(line)
    for word in words:
        print(word.say(), file=sys.stderr)
    if words:
        many = len(words)
        said = Words(
            f"\n注意が {many} 個あります(書き方の間違いではありません。読んで、直すかどうか決めてください)。",
            f"\n{many} warning(s): not mistakes of the file; read them and decide.",
        )
        print(said, file=sys.stderr)


def print_schema(data: Path) -> int:
    """Print the JSON schema of line.toml, for editors that show mistakes while one types."""
    print(json.dumps(schema(catalogue(data / "sensors")), ensure_ascii=False, indent=1))
    return 0


def summary(line: Line) -> Words:
    """The line in a few words."""
    sensors = sum(len(station.sensors) for station in line.stations.values())
    stations = "、".join(station.name for station in line.stations.values())
    return Words(
        f"よし: {line.name or line.line}(工程 {len(line.stations)}: {stations} / センサー {sensors} / "
        f"エージェント {len(line.agents)})",
        f"ok: {line.name or line.line} ({len(line.stations)} stations, {sensors} sensors, {len(line.agents)} agents)",
    )
