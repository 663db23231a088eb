"""SIGTERM and Ctrl-C as an event, so that what was begun is ended in order, whenever they come."""

import signal
import threading


def asked_to_end() -> threading.Event:
    """Set by SIGTERM or Ctrl-C from now on. Main thread; before heavy imports, some of which Ctrl-C would tear."""
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    return end
