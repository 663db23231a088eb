"""The coverage-guided half of the fuzzing, in a process of its own, because libFuzzer ends the process it runs in.

    python -m tests.faults.fuzz_child FOLDER MESSAGES [libFuzzer's options]

An input is one message or several, each a topic (a line, or the number of a known one) and a payload. Says on stdout
what became of them, how the memory was after a tenth and at the end, and how many inputs opened new code.
"""

import json
import os
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["contract", "collector"]):
    from tests.faults.fuzz import KINDS, TOKENS, Collector, resident_mb, seeds

PART = b"\x1e"
TOPICS = [topic for topic, _ in seeds()]


class Target:
    """Counts messages until there are enough, then says what it saw and leaves."""

    def __init__(self, folder: Path, enough: int) -> None:
        self._folder, self._enough = folder, enough
        self._counts = dict.fromkeys(KINDS, 0)
        self._warm_mb, self._began = 0.0, time.monotonic()

    def one_input(self, said: bytes) -> None:
        """What libFuzzer calls."""
        collector = Collector()
        for part in said.split(PART)[:8]:
            where, _, payload = part.partition(b"\n")
            known = TOPICS[where[0] % len(TOPICS)] if len(where) == 1 else where.decode("utf-8", "replace")
            collector.take((known, payload))
        collector.end()
        for kind, many in collector.counts.items():
            self._counts[kind] += many
        done = sum(self._counts.values())
        if not self._warm_mb and done > self._enough // 10:
            self._warm_mb = resident_mb()
        if done >= self._enough:
            self._leave()

    def _leave(self) -> None:
        said = {
            "counts": self._counts,
            "warm_mb": self._warm_mb,
            "end_mb": resident_mb(),
            "took_s": time.monotonic() - self._began,
            "corpus": len(list((self._folder / "corpus").iterdir())),
        }
        print(json.dumps(said), flush=True)
        os._exit(0)  # at an exit of any other kind libFuzzer says that the target crashed


def _escaped(token: bytes) -> str:
    return "".join(rf"\x{byte:02x}" for byte in token)


def main(folder: Path, enough: int, options: list[str]) -> None:
    """Write the seeds and the dictionary, then fuzz."""
    corpus = folder / "corpus"
    corpus.mkdir()
    messages = [bytes([n]) + b"\n" + payload for n, (_, payload) in enumerate(seeds())]
    for n, part in enumerate(
        (*messages, PART.join(messages[:4]), PART.join([messages[4]] * 2), PART.join(messages[9:]))
    ):
        (corpus / f"seed{n}").write_bytes(part)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS if len(token) < 64))
    atheris.Setup([sys.argv[0], str(corpus), f"-dict={words}", *options], Target(folder, enough).one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
