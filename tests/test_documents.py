"""Documents stay true: a command in a document is run, or at least taken by the program it names."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kojo.cli import parser

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("dashboards/**/*.md")]
FENCE = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
RUN_ELSEWHERE = ("mosquitto_pub", "sudo apt")
"""mosquitto_pub with these very words is run by tests/kojo/test_serve*.py."""


def commands() -> list[tuple[str, str]]:
    found = []
    for document in DOCUMENTS:
        for block in FENCE.findall(document.read_text("utf-8")):
            lines = [line.split(" #")[0].strip().removeprefix("$ ") for line in block.replace("\\\n", " ").splitlines()]
            found += [(document.relative_to(ROOT).as_posix(), line) for line in lines if line and line[0] != "#"]
    return sorted(set(found))


def test_there_are_commands_to_look_at() -> None:
    assert ("README.md", "make demo") in commands()


@pytest.mark.parametrize(("document", "command"), commands())
def test_a_command_in_a_document_is_taken(document: str, command: str, tmp_path: Path) -> None:
    words = [word for word in shlex.split(command) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    program = Path(words[0]).name
    if program == "make":
        targets = [word for word in words[1:] if "=" not in word]
        asked = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True, check=False)
        assert asked.returncode == 0, asked.stderr
    elif program == "kojo":
        parser().parse_args(words[1:])
    elif program == "cp":
        assert all((ROOT / source).exists() for source in words[1:-1])
    elif program in ("python", "python3"):
        assert words[1] == "-m"
        found = subprocess.run(
            [sys.executable, "-c", f"import importlib.util as u; assert u.find_spec({words[2]!r})"],
            cwd=ROOT,
            check=False,
        )
        assert found.returncode == 0, f"{document}: no module {words[2]}"
    else:
        assert command.startswith(RUN_ELSEWHERE), f"{document}: nobody runs: {command}"


def test_check_and_rehearse_do_what_the_readme_says(tmp_path: Path) -> None:
    for command in (["check", "hardware/lines/washing.toml"], ["rehearse", "pulse", "level"]):
        done = subprocess.run([sys.executable, "-m", "kojo", *command], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_in_a_document_leads_somewhere(document: Path) -> None:
    dead = [link for link in LINK.findall(document.read_text("utf-8")) if not (document.parent / link).exists()]
    assert not dead


def test_both_readmes_name_the_same_commands_and_files() -> None:
    english, japanese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ja.md"))
    assert FENCE.findall(english) == FENCE.findall(japanese)
    assert {*LINK.findall(english)} - {"README.ja.md"} == {*LINK.findall(japanese)} - {"README.md"}
