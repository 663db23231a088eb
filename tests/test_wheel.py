"""The wheel with ``[edge]`` alone, as it goes onto a Pi: built here, installed elsewhere, no server half there."""

import os
import shutil
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WITHIN_S = 300.0
SERVER_ONLY = (
    "fastapi", "uvicorn", "pydantic", "duckdb", "numpy", "scipy", "amqtt", "cryptography", "simpy", "influxdb_client",
    "drawsvg",
)  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the sources: setuptools also packs what an earlier build left in the tree."""
    sources, dist = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    for package in {name.partition(".")[0] for name in SETTINGS["tool"]["setuptools"]["packages"]}:
        shutil.copytree(ROOT / package, sources / package, ignore=shutil.ignore_patterns("__pycache__"))
    _run([sys.executable, "-m", "build", "--wheel", "--outdir", str(dist), str(sources)])
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def pi(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a machine that has the wheel with ``[edge]`` and nothing else."""
    home = tmp_path_factory.mktemp("pi")
    _run([sys.executable, "-m", "venv", "--without-pip", str(home)])
    _run([sys.executable, "-m", "pip", "--python", str(home), "install", "-q", f"{wheel}[edge]"])
    return home / "bin"


def test_the_wheel_holds_every_module_and_every_file_that_is_not_one(wheel: Path) -> None:
    packages = SETTINGS["tool"]["setuptools"]["packages"]
    wanted = {
        str(file.relative_to(ROOT)) for package in packages for file in (ROOT / package.replace(".", "/")).glob("*.py")
    }
    for folder in ("dashboards/web", "hardware/lines", "curriculum"):
        wanted |= {
            str(file.relative_to(ROOT))
            for file in (ROOT / folder).rglob("*")
            if file.is_file() and file.parent.name != "__pycache__"
        }
    wanted |= {str(file.relative_to(ROOT)) for package in packages for file in (ROOT / package).glob("py.typed")}
    wanted |= {str(file.relative_to(ROOT)) for file in (ROOT / "hardware").glob("*.toml")}
    with zipfile.ZipFile(wheel) as content:
        packed = {name for name in content.namelist() if ".dist-info/" not in name}
    assert packed == wanted


def test_every_folder_with_python_in_it_is_a_listed_package() -> None:
    packages = set(SETTINGS["tool"]["setuptools"]["packages"])
    tops = {name.partition(".")[0] for name in packages}
    files = [file for top in tops for file in (ROOT / top).rglob("*.py")]
    lessons = ROOT / "curriculum" / "lessons"  # programs of learners: data
    found = {".".join(file.relative_to(ROOT).parts[:-1]) for file in files if lessons not in file.parents}
    assert found == packages


def test_a_pi_gets_nothing_of_the_server(pi: Path) -> None:
    code = f"import importlib.util; print([name for name in {SERVER_ONLY!r} if importlib.util.find_spec(name)])"
    assert _run([str(pi / "python"), "-c", code]).stdout == "[]\n"


def test_every_sensor_passes_its_rehearsal_on_a_pi(pi: Path, tmp_path: Path) -> None:
    from edge.sensors import modules

    done = _run([str(pi / "kojo"), "rehearse"], tmp_path)
    assert len(done.stdout.splitlines()) == len(modules())
    assert "Traceback" not in done.stderr


def test_the_benchs_page_is_served_where_only_the_agent_is(pi: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "hardware" / "lines" / "washing.toml", tmp_path / "line.toml")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    command = [str(pi / "kojo"), "edge", "--lang", "en", "--line", "line.toml", "--agent", "pi-1", "--data", "data"]
    agent = subprocess.Popen(
        command, cwd=tmp_path, env=env | {"GPIOZERO_PIN_FACTORY": "mock"}, stderr=subprocess.PIPE, text=True
    )
    try:
        assert agent.stderr is not None
        address = next(line for line in agent.stderr if "/pair?code=" in line).rpartition("  ")[2].strip()
        with urllib.request.urlopen(address, timeout=WITHIN_S) as page:
            assert "練習台" in page.read().decode()
    finally:
        agent.terminate()
        agent.communicate(timeout=WITHIN_S)
    assert agent.returncode == 0


def test_a_lesson_is_judged_where_only_the_agent_is(pi: Path, tmp_path: Path) -> None:
    said = _run([str(pi / "kojo"), "--lang", "en", "learn", "A1", "--check"], tmp_path, code=1).stdout
    assert "Hint (1/3)" in said
    shutil.copy(ROOT / "curriculum" / "lessons" / "A1" / "solution.py", tmp_path / "kojo-learn" / "A1_lamp.py")
    assert "the check is green" in _run([str(pi / "kojo"), "--lang", "en", "learn", "--check"], tmp_path).stdout


def test_the_example_lines_are_right_on_a_pi(pi: Path, tmp_path: Path) -> None:
    for example in sorted((ROOT / "hardware" / "lines").glob("*.toml")):
        line = tmp_path / example.name
        shutil.copy(example, line)
        assert _run([str(pi / "kojo"), "--lang", "en", "check", str(line)], tmp_path).stdout.startswith("ok: ")


@pytest.mark.parametrize("command", [["serve", "--line", "washing.toml"], ["demo"]])
def test_the_server_half_says_which_extra_it_needs(pi: Path, tmp_path: Path, command: list[str]) -> None:
    shutil.copy(ROOT / "hardware" / "lines" / "washing.toml", tmp_path)
    done = _run([str(pi / "kojo"), *command, "--lang", "en"], tmp_path, code=2)
    assert "pip install" in done.stderr
    assert "Traceback" not in done.stderr


def _run(command: list[str], there: Path | None = None, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run a program that knows nothing of this checkout."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "GPIOZERO"))}
    done = subprocess.run(command, cwd=there, env=env, text=True, capture_output=True, timeout=WITHIN_S, check=False)
    assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
