"""``kojo learn --class-bench``: every agent of a class's line on this machine's bench, with one page of all buttons.

What `kojo edge` does for one agent, for the twelve of a hall in one program; `kojo serve` runs beside it.
"""

import contextlib
import sys
import time
from pathlib import Path

from contract.errors import NotThere
from contract.line import load
from contract.words import Words
from edge.bench import Bench
from edge.sensors import catalogue
from edge.system_clock import SystemClock
from kojo.address import listen, url
from kojo.bench_door import OPTION, Door, address_of, open_bench
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from kojo.ending import Ending
from kojo.enter_key import EnterKey
from kpi.tokens import Tokens


def class_bench(line_file: Path, data: Path, address: str, end: Ending) -> int:
    """Run them until the end is asked for; prints ``ready http://…`` once the page answers.

    Raises LineError, NotThere for a line without agents, InUse.
    """
    line = load(line_file, catalogue())
    if not line.agents:
        raise NotThere(Words(f"{line_file} に agent がありません。", f"{line_file} names no agent."))
    clock = SystemClock()
    with contextlib.ExitStack() as open_until_the_end:
        home = open_until_the_end.enter_context(DataDirectory(data, "bench"))
        opened = open_until_the_end.enter_context(listen(address, OPTION))
        open_until_the_end.callback(clock.close)
        tables = []
        for name in line.agents:
            own = open_until_the_end.enter_context(DataDirectory(home.path / name, f"edge-{name}"))
            agent = EdgeAgent(line, name, Bench(clock), own)
            agent.start()
            open_until_the_end.callback(agent.stop)
            tables += [table for table in [agent.table()] if table is not None]
        tokens = Tokens(home.path, time.time_ns)
        page = open_bench(tables, opened, Door(tokens), {"name": line.name})
        open_until_the_end.callback(page.stop)
        print(f"ready {url(page.host, page.port)}", flush=True)

        def tell() -> None:
            said = f"  {address_of(page, tokens)}"
            print(Words(f"練習台(1回だけ有効){said}", f"the bench (good once){said}"), file=sys.stderr, flush=True)

        tell()
        if sys.stdin.isatty():
            said = Words("Enter で、次の組のための新しい番地を出します。", "Enter gives an address for the next pair.")
            print(said, file=sys.stderr, flush=True)
            enter = EnterKey(sys.stdin.fileno(), tell)
            enter.start()
            open_until_the_end.callback(enter.stop)
        while not end.wait(1.0):
            pass
    return 0
