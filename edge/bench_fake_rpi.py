"""fake-rpi's modules, imported without what they print; they lend their names to what the bench answers.

fake-rpi says at import, and at each call, that it is fake. `kojo run` says so once, in the reader's language.
"""

import contextlib
import importlib
import io
from types import ModuleType

from contract.errors import MissingExtra


def quietly(name: str) -> ModuleType:
    """A module of fake-rpi. Raises MissingExtra."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            module = importlib.import_module(name)
            importlib.import_module("fake_rpi.wrappers").toggle_print(False)
        except ModuleNotFoundError as missing:
            raise MissingExtra(missing.name or "fake_rpi", "demo") from missing
    return module
