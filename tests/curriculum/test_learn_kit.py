"""What goes into the browser: a zip of our modules and lessons, Pyodide from its folder, texts as HTML."""

import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from curriculum.learn import in_browser, python_kit
from curriculum.learn.told import to_html, whole, wires
from curriculum.lesson import LESSONS, load, load_all
from tests.curriculum.learning import lesson


@pytest.fixture(scope="module")
def kit() -> python_kit.Kit:
    return python_kit.pack()


def test_the_same_files_are_the_same_zip_under_the_same_name(tmp_path: Path) -> None:
    first = python_kit.pack(tmp_path)
    assert python_kit.pack(tmp_path) == first
    (tmp_path / "A0").mkdir()
    (tmp_path / "A0" / "starter.py").write_text("x = 1")
    assert python_kit.pack(tmp_path).name != first.name


def test_the_zip_holds_nothing_that_only_the_machine_has(kit: python_kit.Kit) -> None:
    with zipfile.ZipFile(BytesIO(kit.content)) as file:
        names = file.namelist()
    assert {"curriculum/judge.py", "edge/bench_pin.py", "contract/words.py", "gpiozero/__init__.py"} <= set(names)
    assert not [name for name in names if "socket" in name or name.startswith(("kojo/", "kpi/", "collector/"))]
    assert len(names) == len(set(names))


@pytest.mark.slow
def test_with_the_zip_alone_a_lesson_is_judged(kit: python_kit.Kit, tmp_path: Path) -> None:
    with zipfile.ZipFile(BytesIO(kit.content)) as file:
        file.extractall(tmp_path)
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]\n"
        "from curriculum.learn import in_browser\n"
        "assert in_browser.__file__.startswith(sys.path[0])\n"
        "print(in_browser.check('A2', open(sys.argv[1]).read(), lambda row: None))"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(LESSONS / "A2" / "solution.py")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout)["green"] is True


def test_the_verdict_is_told_in_both_languages_and_each_row_once(kit: python_kit.Kit) -> None:
    rows: list[int] = []
    told = json.loads(in_browser.check("A0", load(LESSONS / "A0").starter, rows.append))
    assert (told["green"], told["hint"]) == (False, "blank")
    assert "空欄" in told["actual"]["ja"]
    assert "blank" in told["actual"]["en"]
    json.loads(in_browser.check("A0", load(LESSONS / "A0").solution, rows.append))
    assert len(rows) == len(set(rows))


def test_a_half_fetched_pyodide_is_none(tmp_path: Path) -> None:
    assert python_kit.find_pyodide([tmp_path]) is None
    (tmp_path / "package.json").write_text('{"version": "1.2.3"}')
    assert python_kit.find_pyodide([tmp_path]) is None
    for name in python_kit.PYODIDE_FILES:
        (tmp_path / name).write_bytes(b"x")
    found = python_kit.find_pyodide([tmp_path / "nowhere", tmp_path])
    assert found == python_kit.Pyodide(tmp_path, "1.2.3")


def test_a_file_is_packed_once(tmp_path: Path) -> None:
    file = tmp_path / "a.wasm"
    file.write_bytes(b"again " * 1000)
    packed = python_kit.Packed()
    first = packed(file)
    assert len(first) < 100
    assert packed(file) is first


def test_code_between_fences_is_shown_as_it_is() -> None:
    made = to_html("# T\n\nabc\n\n```python\nif x < 1:\n    ___\n```\n\n- one\n")
    assert (
        made
        == "<h2>T</h2>\n<p>abc</p>\n<pre><code>if x &lt; 1:\n    ___</code></pre>\n<ul class='item'><li>one</li></ul>"
    )


def test_the_finished_file_and_the_tutors_page_are_not_told_with_a_lesson(tmp_path: Path) -> None:
    for lang in ("ja", "en"):
        (tmp_path / lang).mkdir()
        for page in ("intro", "steps", "tutor"):
            (tmp_path / lang / f"{page}.md").write_text(f"# {page}\n\n{page}-{lang}\n")
    told = whole(lesson(folder=tmp_path), None, None)
    said = json.dumps(told)
    assert "steps-ja" in said
    assert "intro-en" in said
    assert "tutor" not in said
    assert "solution" not in told
    assert told["starter"]["ja"] == "x = ___\n"
    assert told["wiring"] is None


def test_the_wires_are_told_as_a_table_in_the_pictures_colours() -> None:
    blue, black = (end for end in wires(load(LESSONS / "A2")))
    assert (blue["net"], blue["position"], black["net"]) == ("GPIO23", 16, "GND")
    assert blue["colour"] != black["colour"]
    for one in load_all():
        picture = one.folder / "wiring.svg"
        for end in wires(one):
            assert end["colour"] in picture.read_text("utf-8")
            assert end["terminal"]["en"].isascii() or "−" in end["terminal"]["en"]


def test_no_file_of_ours_names_a_registry() -> None:
    root = python_kit.ROOT
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))
    found = [package for name, package in lock["packages"].items() if name]
    assert found
    assert all("integrity" in package and "resolved" not in package for package in found)
    assert "omit-lockfile-registry-resolved=true" in (root / ".npmrc").read_text("utf-8")
    wanted = json.loads((root / "package.json").read_text("utf-8"))["dependencies"]
    assert wanted == {"pyodide": lock["packages"]["node_modules/pyodide"]["version"]}
