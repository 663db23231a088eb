"""What `kojo doctor` says on a Raspberry Pi that drives outputs: whether they stay on after its agent was killed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contract.line import Line
from contract.words import Words
from kojo.findings import Finding

CONFIG: Final = Path("/boot/firmware/config.txt")
"""Only a Raspberry Pi has it."""
STRICT: Final = "dtparam=strict_gpiod"
_STRICT = re.compile(r"dtparam=(?:.*,)?strict_gpiod(?:=(?:on|1|y|yes|true))?(?:,.*)?")


def of_outputs(line: Line, data: Path, config: Path = CONFIG) -> Iterator[Finding]:
    """Nothing where no agent that runs here drives an output, or where its kernel lets go of what a dead one drove."""
    here = {file.name.removesuffix(".outbox.sqlite") for file in data.glob("*.outbox.sqlite")}
    driven = [
        f"{station.id}/{output}"
        for station in line.stations.values()
        for output in station.outputs
        if station.agent in here
    ]
    if not driven or not config.is_file():
        return
    try:
        lines = config.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    if any(_STRICT.fullmatch(written.partition("#")[0].strip()) for written in lines):
        return
    names = ", ".join(driven)
    yield Finding(
        "known",
        Words(
            f"kojo edge が強制終了されると、出力 {names} は直前のまま残ります。",
            f"If kojo edge is killed, these outputs stay as they were: {names}.",
        ),
        Words(
            f"{config} に {STRICT} と書いて再起動すると、ピンは入力に戻り、基板の抵抗が決めます。",
            f"With {STRICT} in {config} and a restart the pins become inputs, and the boards' resistors decide.",
        ),
    )
