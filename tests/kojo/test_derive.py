"""`kojo derive`, then what a person does with it: serve with the same folder, copy to a Pi, install at a mosquitto."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from contract import secrets
from hardware.account_derive import derive_accounts
from tests.derived import TEXT, WITHIN_S, Kit, Visitor, derived_mosquitto, line_of, now
from tests.rig import kojo, running, serving, until
from tests.servers import answers, free_port, need, wait_until

pytestmark = pytest.mark.slow

BASE = "kojo/v1/akita/wash"
TRAINEE = Path(__file__).parents[1] / "edge" / "sensors" / "trainee" / "distance_box.py"
PARTS_PAPERS = ("parts.html", "parts.csv", "README.txt")


def line_file(directory: Path, url: str, text: str = TEXT) -> Path:
    line_of(directory, url, text)
    return directory / "line.toml"


def test_it_says_what_it_made_and_shows_no_secret(tmp_path: Path) -> None:
    line, out = line_file(tmp_path, "mqtts://broker.local"), tmp_path / "data"
    first = kojo("derive", "--line", line, "--out", out, lang="ja")
    assert first.returncode == 0, first.stderr
    assert "mqtts://broker.local:8883 のアカウント 8: pi-1、pi-2、team-a" in first.stdout
    assert "新しいアカウント" in first.stdout
    assert str(out / "README.txt") in first.stdout
    again = kojo("derive", "--line", line, "--out", out, "--renew", "pi-1")
    assert "new passwords: pi-1" in again.stdout
    said = first.stdout + first.stderr + again.stdout + again.stderr
    for file in out.rglob("secrets.toml"):
        assert (secrets.read(file.parent).mqtt.password or "?") not in said
    assert "agents/pi-1/. " in (out / "README.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--renew", "pi-9"], r"--renew pi-9: there is no such account\. There are: all, server, ca, pi-1"),
        (
            ["--only", "soup"],
            r"--only soup: that cannot be made yet\. What can be made now: wiring, pins, checklist, parts",
        ),
        (["--host", "a..b"], r"neither the name of a host nor an address"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path, more: list[str], said: str) -> None:
    told = kojo("derive", "--line", line_file(tmp_path, "embedded"), "--out", tmp_path / "data", *more)
    assert told.returncode == 2
    assert re.search(said, told.stderr), told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_line_without_tls_is_told_what_to_write(tmp_path: Path) -> None:
    told = kojo("derive", "--line", line_file(tmp_path, "embedded"), "--out", tmp_path / "data")
    assert told.returncode == 0
    assert "embedded:HOST:8883 or mqtts://HOST:8883" in told.stdout


@pytest.mark.parametrize("kind", ["embedded", pytest.param("mosquitto", marks=pytest.mark.mosquitto)])
def test_derive_then_serve_with_the_same_folder_then_a_pi_with_its_own(tmp_path: Path, kind: str) -> None:
    where = f"127.0.0.1:{free_port()}"
    line = line_file(tmp_path, f"{'mqtts://' if kind == 'mosquitto' else 'embedded:'}{where}")
    data, pi = tmp_path / "data", tmp_path / "pi"
    assert kojo("derive", "--line", line, "--out", data).returncode == 0
    shutil.copytree(data / "agents" / "pi-1", pi)
    program = [need("mosquitto"), "-c", str(data / "broker" / "mosquitto.conf")] if kind == "mosquitto" else ["true"]
    broker = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        edge = ("edge", "--line", line, "--agent", "pi-1", "--data", pi)
        with serving(line, data) as kit, running(*edge, GPIOZERO_PIN_FACTORY="mock"):
            until(lambda: kit.ask("/healthz").status_code == 200, "the broker is there")
            operator = (data / "operator.token").read_text().strip()  # viewers of a person's line get no fresh counts
            until(
                lambda: kit.ask("/status", "GET", operator).json()["ingest"]["stored"] >= 1,
                "the sign of life is stored",
                60.0,
            )
            assert [agent["state"] for agent in kit.get("/status")["agents"] if agent["agent"] == "pi-1"] == ["online"]
    finally:
        broker.terminate()
        broker.wait(WITHIN_S)


def test_without_its_secrets_a_pi_is_not_let_in_and_says_so(tmp_path: Path) -> None:
    line, data = line_file(tmp_path, f"embedded:127.0.0.1:{free_port()}"), tmp_path / "data"
    assert kojo("derive", "--line", line, "--out", data).returncode == 0
    pi = tmp_path / "pi"
    pi.mkdir()
    shutil.copy(data / "ca.crt", pi / "ca.crt")
    (pi / "secrets.toml").write_text('[mqtt]\nca = "ca.crt"\n', "utf-8")
    (pi / "secrets.toml").chmod(0o600)
    edge = ("edge", "--line", line, "--agent", "pi-1", "--data", pi)
    with serving(line, data) as kit, running(*edge, GPIOZERO_PIN_FACTORY="mock") as agent:
        agent.err.said(r"lets in only those with an account.*kojo derive")
        kit.process.err.said(r"Embedded broker: without a name was not let in")


@pytest.mark.mosquitto
def test_a_lost_pi_is_out_of_mosquitto_once_it_has_read_the_new_files() -> None:
    with tempfile.TemporaryDirectory(prefix="derive-") as folder:
        directory = Path(folder)
        with derived_mosquitto(directory) as kit:
            lost, other = Visitor(kit, "pi-1"), Visitor(kit, "pi-2")
            password = kit.password("pi-1")
            fewer = line_of(directory, str(kit.broker), TEXT.replace("pi-1", "pi-3"))
            kit.derived = derive_accounts(fewer, kit.out, now())
            kit.reload()
            wait_until(lambda: not lost.client.is_connected(), WITHIN_S, "pi-1 is cut off")
            assert not Visitor(kit, "pi-1", password=password).let_in
            assert Visitor(kit, "pi-3").let_in
            other.say(f"{BASE}/_agents/pi-2")
            assert other.client.is_connected()


@pytest.mark.mosquitto
def test_install_sh_gives_mosquitto_what_it_needs_and_no_more() -> None:
    """Into a directory of its own, with Debian's mosquitto.conf: what stands there is not contradicted."""
    program = need("mosquitto")
    with tempfile.TemporaryDirectory(prefix="derive-") as folder:
        directory = Path(folder)
        directory.chmod(0o755)
        port = free_port()
        derived = derive_accounts(line_of(directory, f"mqtts://127.0.0.1:{port}"), directory / "data", now())
        to = directory / "mosquitto"
        for _ in range(2):
            told = subprocess.run(
                ["sh", str(directory / "data/broker/install.sh"), str(to)], capture_output=True, text=True, check=False
            )
            assert told.returncode == 0, told.stderr
        shutil.rmtree(directory / "data" / "broker")
        state = directory / "state"
        state.mkdir()
        state.chmod(0o777)
        main = f"pid_file {state}/pid\npersistence true\npersistence_location {state}/\nlog_dest stderr\n"
        (to / "mosquitto.conf").write_text(f"{main}include_dir {to}/conf.d\n", "utf-8")
        assert "user " not in (to / "conf.d" / "kojo.conf").read_text("utf-8")
        for file in (to / "kojo").iterdir():
            assert file.stat().st_mode & 0o077 == 0, file
            if os.geteuid() == 0:
                assert file.owner() == "mosquitto", file
        with (directory / "log").open("ab") as log:
            process = subprocess.Popen([program, "-c", str(to / "mosquitto.conf")], stdout=log, stderr=log)
        try:
            wait_until(lambda: answers("127.0.0.1", port), WITHIN_S, "mosquitto listens")
            kit = Kit(directory / "data", derived)
            assert Visitor(kit, "pi-1").let_in
            assert not Visitor(kit, None).let_in
            kit.close()
        finally:
            process.terminate()
            process.wait(WITHIN_S)
            assert "Error" not in (directory / "log").read_text("utf-8")


def test_without_a_choice_everything_is_made_and_what_is_doubtful_is_said(tmp_path: Path) -> None:
    text = TEXT.replace('stations = ["washer"]', 'stations = ["washer"]\nbudget_yen = 100', 1)
    line, out = line_file(tmp_path, "embedded", text), tmp_path / "data"
    told = kojo("derive", "--line", line, "--out", out, lang="ja")
    assert told.returncode == 0, told.stderr
    made = {file.name for file in (out / "hardware").iterdir()}
    for pi in ("pi-1", "pi-2"):
        assert {f"wiring-{pi}.svg", f"pins-{pi}.md", f"pins-{pi}.csv", f"checklist-{pi}.html"} <= made
    assert {"parts.html", "parts.csv", "README.txt"} <= made
    assert "pi-1 ▲1 確認してください washer/andon" in told.stdout
    assert "予算を" in told.stdout
    assert "hardware/README.txt" in (out / "README.txt").read_text("utf-8")


def test_only_the_papers_asked_for_are_made_and_no_account(tmp_path: Path) -> None:
    line, out = line_file(tmp_path, "embedded"), tmp_path / "data"
    assert kojo("derive", "--line", line, "--out", out, "--only", "parts,pins").returncode == 0
    made = {file.name for file in (out / "hardware").iterdir()}
    assert made == {"pins-pi-1.md", "pins-pi-1.csv", "pins-pi-2.md", "pins-pi-2.csv", *PARTS_PAPERS}
    assert not (out / "broker").exists()


def test_a_mistake_in_ones_own_parts_file_is_told_with_its_place(tmp_path: Path) -> None:
    line, out = line_file(tmp_path, "embedded"), tmp_path / "data"
    out.mkdir()
    (out / "parts.toml").write_text("[parts.bme280]\nyen = 900\n", "utf-8")
    told = kojo("derive", "--line", line, "--out", out, "--only", "parts")
    assert told.returncode == 2
    assert "parts.toml:1: parts.bme280.title: is missing." in told.stderr


def test_a_trainees_own_sensor_is_drawn_and_its_missing_price_said(tmp_path: Path) -> None:
    box = '[stations.washer.sensors.box]\ntype = "distance_box"\nport = "/dev/ttyACM0"\n'
    line, out = line_file(tmp_path, "embedded"), tmp_path / "data"
    line.write_text(line.read_text("utf-8").replace("[stations.packer]", f"{box}[stations.packer]", 1), "utf-8")
    (out / "sensors").mkdir(parents=True)
    shutil.copy(TRAINEE, out / "sensors")
    told = kojo("derive", "--line", line, "--out", out, "--only", "wiring", "--only", "parts")
    assert told.returncode == 0, told.stderr
    assert "washer/box" in (out / "hardware" / "wiring-pi-1.svg").read_text("utf-8")
    assert "no price known" in told.stdout
