"""`kojo collect --share` and `kojo kpi` as processes, in the place of one `kojo serve`."""

from pathlib import Path
from typing import Self

from tests.faults.processes import WITHIN_S, ServerProcess
from tests.rig import Pages, Process, until


class Half(ServerProcess):
    """A half of `kojo serve`."""

    @staticmethod
    def _ready(process: Process) -> str:
        """What it says when it is ready; it must not end before."""
        until(lambda: bool(process.out.lines) or not process.running, "ready", WITHIN_S)
        assert process.out.lines, f"it ended: {process.err}"
        return process.out.said("^ready")


class CollectorProcess(Half):
    """One of several `kojo collect --share`."""

    def start(self) -> Self:
        """Begin a life; returns once it has looked for the broker."""
        assert self._process is None
        self._process = Process("collect", "--share", "--line", self.line_file, "--data", self.data, **self.environment)
        self._ready(self._process)
        return self

    def subscribed(self) -> Self:
        """Wait until the broker has it."""
        self.process.err.said("Connected to the broker", WITHIN_S)
        return self


class KpiProcess(Half):
    """`kojo kpi`."""

    def start(self) -> Self:
        """Begin a life; returns once it answers."""
        assert self._process is None
        self._process = Process(
            "kpi", "--line", self.line_file, "--data", self.data, "--http", "127.0.0.1:0", **self.environment
        )
        self._pages = Pages(self._ready(self._process).removeprefix("ready "))
        return self


def collectors(line_files: list[Path], directory: Path) -> list[CollectorProcess]:
    """One for each line file, each with a data directory of its own."""
    return [CollectorProcess(file, directory / f"collector-{n}") for n, file in enumerate(line_files, 1)]
