"""``kojo collect``: the collecting half of ``kojo serve``, without pages, where the store is a server.

    kojo collect --line line.toml --data data              one collector
    kojo collect --line line.toml --data data --share      one of several that share the line's messages

See docs/decisions/several-collectors.md.
"""

import logging
from pathlib import Path

from collector.part import COLLECTS, SHARES
from contract.errors import NotAllowed
from contract.line import Line
from contract.words import Words
from kojo.data_directory import DataDirectory
from kojo.ending import Ending
from kojo.wire import Server

log = logging.getLogger(__name__)


def collect(line_file: Path, data: Path, share: bool, end: Ending) -> int:
    """Receive and store until the end is asked for; prints ``ready`` on stdout once it looks for the broker."""
    with DataDirectory(data, "serve") as directory:
        collector = Collector(line_file, directory, part=SHARES if share else COLLECTS)
        collector.start()
        try:
            print("ready", flush=True)
            while not end.wait(0.5):
                pass
            log.info("%s", Words("終わります。", "ending."))
        finally:
            collector.stop()
    return 0


class Collector(Server):
    """Broker, store and subscriber of `kojo serve`; nobody asks it anything."""

    has_pages = False

    def _open(self) -> bool:
        check_apart(self.line, "collect")
        return super()._open()

    def _answer(self) -> None:
        self.app.trouble = None


def check_apart(line: Line, command: str) -> None:
    """Raises NotAllowed where the store is a file, which belongs to one process."""
    if line.store_url.startswith("duckdb:"):
        raise NotAllowed(
            Words(
                f"保存先 {line.store_url} はファイルなので、kojo {command} では使えません(1つのプログラムのものです)。",
                f"The store {line.store_url} is a file and belongs to one program: kojo {command} cannot use it.",
            ),
            Words(
                "「kojo serve」を使うか、line.toml の [store] url を influx://HOST:8086/BUCKET にしてください。",
                "Use `kojo serve`, or set [store] url in line.toml to influx://HOST:8086/BUCKET.",
            ),
        )
