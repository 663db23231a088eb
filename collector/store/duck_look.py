"""A store that nobody serves is looked through, as a start would, and left as it is: in a process that may die of it.

    looked = look_through(Path("data/line.duckdb"))

Every block is read, each series' rows are compared with their tally, and the journals beside the file are read.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from collector.store import duck_care, duck_tables
from collector.store.duck_trouble import Damaged, is_damage
from collector.store.journal import is_altered, records
from collector.store.record import decode

LONGEST_S = 600.0
"""100 million readings take about five seconds; a card that answers so slowly is dying."""


@dataclass(slots=True)
class Looked:
    """What was found. ``damage``: why the file cannot be what was written, "" if it can; ``other``: it was not opened.

    ``gone``: series whose rows are not what was written. ``waiting``: readings that only journals hold; ``altered``:
    a part of these is not what was written. ``reasons``: messages in quarantine by reason.
    """

    damage: str = ""
    other: str = ""
    gone: list[str] = field(default_factory=list)
    waiting: int = 0
    altered: bool = False
    reasons: dict[str, int] = field(default_factory=dict)


def look_through(path: Path) -> Looked:
    """Look through a file. Whoever it ends is another process."""
    code = "import sys; from collector.store.duck import look_and_tell; look_and_tell(sys.argv[1])"
    try:
        ran = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, check=False, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired:
        return Looked(other=f"not read within {LONGEST_S:.0f} s")
    if ran.returncode:
        return Looked(damage="it ends the program that reads it")
    return Looked(**json.loads(ran.stdout))


def tell(path: Path, opened: Callable[[], Any], failures: type[Exception]) -> None:
    """Say on stdout what is found in a file, as JSON. ``opened``: a connection to it, ``failures`` what it raises."""
    sys.stdout.write(json.dumps(asdict(_looked(path, opened, failures))))


def _looked(path: Path, opened: Callable[[], Any], failures: type[Exception]) -> Looked:
    found, folded, token = Looked(), 0, ""
    try:
        with opened() as connection:
            said = duck_tables.meta(connection)
            folded, token = int(said.get("folded", 0)), said.get("journal", "")
            duck_care.read_everything(connection, duck_tables.there(connection))
            if said.get("schema") == str(duck_tables.VERSION):
                duck_tables.check_form(connection)
                found.gone = duck_care.doubtful_series(connection)
            found.reasons = dict(connection.execute("SELECT reason, count(*) FROM refused GROUP BY reason").fetchall())
    except (failures, Damaged) as error:
        kind = "damage" if is_damage(error) else "other"
        setattr(found, kind, str(error).splitlines()[0])
        return found
    _look_into_journals(path, folded, token, found)
    return found


def _look_into_journals(path: Path, folded: int, token: str, found: Looked) -> None:
    reasons = Counter(found.reasons)
    there = {int(one.suffix[1:]): one for one in path.parent.glob(f"{path.name}.journal.*") if one.suffix[1:].isdigit()}
    known: dict[str, str] = {}
    generation = folded + 1
    while (journal := there.get(generation)) is not None:
        found.altered = found.altered or is_altered(journal, generation)
        for place, said in enumerate(records(journal, generation)):
            record: Any = decode(said)
            if place == 0 and generation == folded + 1 and token and record.token != token:
                return  # of another store: a start sets it aside
            found.waiting += sum(len(packed.t) for packed in (record.numbers, record.texts) if packed is not None)
            known |= {one.id: one.reason for one in record.refused}
            reasons.update(one.reason for one in record.refused)
            reasons.subtract(known[id_] for id_ in record.released if id_ in known)
        generation += 1
    found.reasons = {reason: many for reason, many in reasons.items() if many > 0}
