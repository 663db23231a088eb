"""The first fifth of a second, in which the command's modules are read."""

import subprocess
import sys

INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

class Hand:
    def find_spec(self, name, path=None, target=None):
        if name == "{at}":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Hand())
sys.argv = ["kojo", "sensors"]
from kojo.start import main
sys.exit(main())
"""


def _interrupted(at: str) -> "subprocess.CompletedProcess[str]":
    """`kojo sensors`, with a Ctrl-C just as that module is to be read."""
    command = [sys.executable, "-c", INTERRUPTED.format(at=at)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_ctrl_c_while_the_command_is_being_read_ends_it_without_a_word() -> None:
    for at in ("kojo.cli", "argparse", "contract.errors", "kojo.parser_words"):
        ended = _interrupted(at)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", ""), at


def test_where_nobody_interrupts_the_command_does_its_work() -> None:
    assert "pulse" in _interrupted("no.such.module").stdout
