"""The end is asked for by a signal, however often and however close together."""

import signal
import subprocess
import sys

from kojo.ending import Ending

PROGRAM = """
import os, signal, sys
from kojo.ending import asked_to_end
end = asked_to_end()
print("waiting", flush=True)
while not end.wait(0.01):
    pass
for _ in range(200):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    end.wait(0)
sys.stdin.read()
"""


def test_it_is_asked_for_once_and_stays_so() -> None:
    end = Ending()
    assert not end.wait(0)
    end.ask()
    assert end.wait(0)
    assert end.wait(0)


def test_signals_that_come_close_together_do_not_hang_it() -> None:
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "waiting\n"
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGINT):
            program.send_signal(number)
        program.stdin.close()
        assert program.wait(20) == 0
