"""How this very program is called again on this machine: ``kojo`` may be in no PATH, but in a folder of its own."""

import shlex
import sys
from pathlib import Path


def own_command(python: str = sys.executable) -> str:
    """The program beside the Python that runs, quoted for a shell; else that Python's ``-m kojo``."""
    beside = Path(python).absolute().with_name("kojo")
    return shlex.quote(str(beside)) if beside.exists() else f"{shlex.quote(python)} -m kojo"


def report_command(data: Path) -> dict[str, str]:
    """What a page writes of ``kojo report``: the program, and the data directory of this server; both quoted."""
    return {"program": own_command(), "data": shlex.quote(str(data.absolute()))}
