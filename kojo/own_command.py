"""How this very program is called again on this machine: ``kojo`` may be in no PATH, but in a folder of its own."""

import shlex
import shutil
import sys
from pathlib import Path


def own_command(python: str = sys.executable) -> str:
    """The program beside the Python that runs, quoted for a shell; else that Python's ``-m kojo``."""
    beside = Path(python).absolute().with_name("kojo")
    return shlex.quote(str(beside)) if beside.exists() else f"{shlex.quote(python)} -m kojo"


def as_called(program: str | None = None, python: str = sys.executable) -> str:
    """The program as it was typed (``.venv/bin/kojo``, or ``kojo`` where the shell finds it); else :func:`own_command`.

    ``program``: what Python says it runs, ``sys.argv[0]`` if None.
    """
    typed = sys.argv[0] if program is None else program
    if Path(typed).stem != "kojo":
        return own_command(python)
    found = shutil.which("kojo")
    if found is not None and Path(found).absolute() == Path(typed).absolute():
        return "kojo"
    return shlex.quote(typed)


def report_command(data: Path) -> dict[str, str]:
    """What a page writes of ``kojo report``: the program, and the data directory of this server; both quoted."""
    return {"program": own_command(), "data": shlex.quote(str(data.absolute()))}
