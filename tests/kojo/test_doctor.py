"""`kojo doctor`: each thing that can be wrong is found, said plainly, and with what to do."""

import shutil
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.store import Refused, Work
from collector.store.duck_look import look_through
from contract.broker import Broker
from contract.line import load
from contract.quarantine_words import hint
from contract.reading import NS_PER_S, Series
from contract.secrets import Credentials
from contract.words import Words
from edge.bench_clock import HandClock
from edge.outbox import Outbox
from edge.outbox_glance import Glance, glance
from edge.sensors import catalogue
from edge.timekeeping import Timekeeping
from kojo import findings
from kojo.data_directory import DataDirectory
from kojo.doctor import _own_id, doctor, examine
from kojo.doctor_devices import MOST, of_devices
from kojo.doctor_quarantine import can_be_judged_again, gathered, of_quarantine, of_refused
from kojo.doctor_store import of_set_aside, of_store
from kojo.findings import Finding
from kojo.local_door import LocalDoor
from tests.collector.example import START, TEMPERATURE
from tests.collector.test_duck_care import altered
from tests.collector.test_duck_store import opened, work
from tests.rig import contract_line, kojo, running, serving, until
from tests.servers import free_port, mosquitto

pytestmark = pytest.mark.slow

AIR = Series("washer", "air", "temperature")
NOW = 1_795_000_000 * NS_PER_S


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOJO_LANG", "en")


def bad(found: Iterator[Finding] | list[Finding], said: str) -> Finding:
    """The bad finding that says so; it tells what to do, in both languages."""
    mine = next((one for one in found if said in one.what.en), None)
    assert mine is not None, said
    assert mine.state == "bad"
    assert mine.what.ja != mine.what.en
    assert mine.hint is not None
    assert mine.hint.ja
    assert mine.hint.en
    return mine


def test_mistakes_of_the_line_are_shown_all_at_once(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    file.write_text('schema = 1\nsite = "a"\nline = "b"\nodd = 1\n[stations.w]\nname = "w"\nodder = 2\n')
    finding, line = findings.of_line(file, tmp_path)
    assert line is None
    said = bad([finding], "2 mistake(s)").what.en
    assert 'unknown key "odd"' in said
    assert 'unknown key "odder"' in said
    assert findings.of_line(tmp_path / "none.toml", tmp_path)[0].state == "bad"
    assert findings.of_line(contract_line(tmp_path, "mqtt://127.0.0.1:1"), tmp_path)[0].state == "good"


def test_a_disk_that_fills_up_and_one_that_is_full(tmp_path: Path) -> None:
    assert findings.of_disk(tmp_path, 50, 100).state == "good"
    bad([findings.of_disk(tmp_path, 9, 100)], "is filling up")
    bad([findings.of_disk(tmp_path, 1, 100)], "nothing is taken in")


@pytest.mark.parametrize("name", ["operator.token", "viewer.token", "secrets.toml", "ca.key"])
def test_secrets_that_others_can_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    (tmp_path / name).chmod(0o600)
    assert not findings.worst(findings.of_secrets(tmp_path))
    (tmp_path / name).chmod(0o640)
    finding = bad(findings.of_secrets(tmp_path), "Others can read")
    assert finding.hint is not None
    assert finding.hint.en.endswith(f"chmod 600 {tmp_path / name}")


def test_a_secrets_file_that_cannot_be_understood(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text("[mqtt]\nuser = pi-1\n")
    (tmp_path / "secrets.toml").chmod(0o600)
    assert findings.worst(findings.of_secrets(tmp_path))


def test_a_clock_that_nobody_has_set() -> None:
    assert findings.of_clock(Timekeeping(lambda: True), NOW).state == "good"
    bad([findings.of_clock(Timekeeping(lambda: False), NOW)], "Nobody has set the clock")
    bad([findings.of_clock(Timekeeping(lambda: True), 0)], "Nobody has set the clock")


def test_the_clock_is_told_in_the_time_of_the_line() -> None:
    said = findings.of_clock(Timekeeping(lambda: True), NOW, ZoneInfo("Asia/Tokyo")).what
    assert said.ja == "時計は設定されています(2026-11-18 20:06:40 Asia/Tokyo)。"


def test_an_outbox_whose_readings_wait_for_long(tmp_path: Path) -> None:
    clock = HandClock(NOW)
    outbox = Outbox(tmp_path / "pi-1.outbox.sqlite", "pi-1", clock)
    for n in range(5):
        outbox.put(AIR, n, clock.monotonic_ns() + n)
    outbox.commit()
    outbox.confirm("store", {outbox.stream: {str(AIR): 2}})
    outbox.commit()
    seen = glance(tmp_path / "pi-1.outbox.sqlite")
    assert (seen.agent, seen.held, seen.dropped, seen.asides) == ("pi-1", 5, 0, 0)
    for later_s, said in ((60, "0 not confirmed"), (100, "5 not confirmed")):
        (told,) = findings.of_outboxes(tmp_path, NOW + later_s * NS_PER_S)
        assert (told.state, said in told.what.en) == ("good", True), told
        assert told.what.ja.endswith("(この1分に測った分は数えていません)。")
    finding = bad(findings.of_outboxes(tmp_path, NOW + 121 * NS_PER_S), "5 readings are not confirmed")
    assert "コレクターから確認が来ていません" in finding.what.ja
    outbox.close()
    seen = glance(tmp_path / "pi-1.outbox.sqlite")
    assert (seen.backlog, seen.oldest_ns, seen.runs) == (3, NOW + 2, False)
    finding = bad(findings.of_outboxes(tmp_path, NOW + 10_800 * NS_PER_S), "3 readings are not confirmed")
    assert "3 hours" in finding.what.en
    assert "3 時間前" in finding.what.ja


def test_an_agent_that_died_with_readings_nobody_confirmed_is_not_well_and_one_that_is_stopped_clean_is(
    tmp_path: Path,
) -> None:
    clock = HandClock(NOW)
    outbox = Outbox(tmp_path / "pi-1.outbox.sqlite", "pi-1", clock)
    outbox.put(AIR, 1, clock.monotonic_ns())
    outbox.commit()
    stream = outbox.stream
    outbox.close()
    bad(findings.of_outboxes(tmp_path, NOW + NS_PER_S), "kojo edge does not run; 1 readings are not confirmed")
    outbox = Outbox(tmp_path / "pi-1.outbox.sqlite", "pi-1", clock)
    outbox.confirm("store", {stream: {str(AIR): 1}})
    outbox.close()
    (told,) = findings.of_outboxes(tmp_path, NOW + NS_PER_S)
    assert told.state == "good"
    assert "0 not confirmed yet (kojo edge is stopped)" in told.what.en


def test_an_outbox_that_gave_readings_up_and_one_that_was_damaged(tmp_path: Path) -> None:
    seen = Glance("pi-1", 5, 0, None, 12, 2)
    told = list(findings.of_outbox(seen, NOW))
    bad(told, "gave up 12 readings")
    assert any("2 damaged outbox(es) lie aside" in one.what.en for one in told)
    (tmp_path / "pi-2.outbox.sqlite").write_bytes(b"no database at all, but long enough to be one" * 100)
    bad(findings.of_outboxes(tmp_path, NOW), "cannot be read")


def test_quarantine_says_the_commonest_reasons_with_their_remedy() -> None:
    assert [one.state for one in of_quarantine({})] == ["good"]
    told = list(of_quarantine({"unknown_sensor": 5, "ahead": 7, "total_fell": 2, "odd": 1}))
    assert [one.what.en for one in told] == [
        "In quarantine: 7, a time more than a day ahead.",
        "In quarantine: 5, a sensor that is not in line.toml.",
        "In quarantine: 2, a running total that fell.",
        "In quarantine: 1 more, of 1 kinds.",
        "While kojo serve runs, kojo doctor shows the commands that take these in, or throw them away.",
    ]
    for one, remedy in zip(told[:3], ("clock", "line.toml", "new stream"), strict=True):
        assert remedy in str(bad([one], one.what.en).hint)
    assert hint("whatever").en


def test_a_mistyped_station_is_told_with_the_nearest_and_the_command_that_takes_it_in_again(tmp_path: Path) -> None:
    line = load(contract_line(tmp_path, "embedded"), catalogue())
    (tmp_path / "http.address").write_text("0.0.0.0:8123")
    topic = "kojo/v1/akita/wash/washr/done/count"
    refused = {"reason": "unknown_station", "topic": topic, "many": 2, "ids": ["a1", "a2"],
               "detail": "工程 washr はありません。 / There is no station washr."}  # fmt: skip
    finding = bad(of_refused([refused], line, tmp_path), topic)
    assert finding.hint is not None
    assert finding.what.ja == f"隔離 2 件: 工程 washr はありません。トピック {topic}"
    assert "「washer」ではありませんか" in finding.hint.ja
    assert 'Did you mean "washer"?' in finding.hint.en
    command = finding.hint.ja.splitlines()[-1].strip()
    assert command == (
        "curl http://127.0.0.1:8123/api/v1/quarantine/replay "
        f'-H "Authorization: Bearer $(cat {tmp_path}/operator.token)" '
        """-H "Content-Type: application/json" -d '{"ids":["a1","a2"]}'"""
    )
    never = refused | {"reason": "not_json", "detail": "JSON ではありません。 / It is not JSON.", "many": 70}
    hints = [one.hint for one in of_refused([never, {"kinds": 4, "many": 9}], line, tmp_path, 170)]
    assert hints[0] is not None
    assert "判定し直しても取り込めません" in hints[0].ja
    assert "2 件ずつ" in hints[0].ja
    assert hints[0].ja.splitlines()[-1].strip() == command.replace("/replay", "/discard")
    rest = list(of_refused([never, {"kinds": 4, "many": 9}], line, tmp_path, 170))[-1]
    assert rest.what.ja == "隔離は、ほかに 4 種類・100 件あります。"
    (said,) = of_refused([refused | {"topic": topic.replace("washr/done", "washer/doen")}], line, tmp_path)
    assert "「done」ではありませんか" in str(said.hint and said.hint.ja)


def test_messages_are_gathered_by_kind_and_what_is_not_shown_is_counted() -> None:
    messages = [Refused(str(n), START, f"t/{n % 5}", "not_json", "", b"x") for n in range(23)]
    told = gathered(messages)
    assert [one["many"] for one in told] == [5, 5, 5, 8]
    assert told[-1] == {"kinds": 2, "many": 8}


@pytest.mark.parametrize("reason", ["not_json", "time", "time_order", "too_old", "conflict", "total_fell", "too_large"])
def test_what_can_never_be_taken_in_is_not_said_to_be_judged_again(reason: str) -> None:
    assert not can_be_judged_again(reason)


@pytest.mark.parametrize("reason", ["unknown", "unknown_station", "wrong_kind", "ahead"])
def test_what_a_corrected_line_may_take_in_is(reason: str) -> None:
    assert can_be_judged_again(reason)


def test_what_the_server_and_its_agents_are_in_trouble_with() -> None:
    told = {
        "ingest": {"stored": 5, "missing": 3},
        "broker": {"connected": True, "trouble": "its disk is full"},
        "store": {"care": [{"ja": "直した", "en": "put right"}]},
        "agents": [
            {"agent": "pi-1", "state": "offline", "version": "1", "conflict": False},
            {"agent": "pi-2", "state": "online", "version": "0.9", "conflict": True},
        ],
    }
    found = list(findings.of_server(told, "1"))
    assert any(one.state == "bad" and "its disk is full" in one.what.en for one in found)
    for said in ("3 readings are missing", "pi-1 is not connected", "Two agents run under the name pi-2"):
        bad(found, said)
    assert Finding("known", Words("直した", "put right")) in found
    assert any("has version 0.9" in one.what.en for one in found)


def test_a_sensor_and_an_output_that_their_agent_calls_broken_are_named_with_its_reason() -> None:
    air = {
        "state": "broken",
        "why_ja": "アドレス 0x76 が応答しません。",
        "why_en": "No answer\x1b[2J at 0x76.",
        "troubles": 19,
    }
    pi = {
        "agent": "pi-1", "state": "online", "outputs": {"cold/horn": {"state": "hanging"}, "cold/odd": 5},
        "sensors": {"cold/air": air, "cold/done": {"state": "ok"}, "cold/new": {"state": "starting"}},
    }  # fmt: skip
    found = list(of_devices([pi, pi | {"agent": "pi-2", "state": "offline"}, {"agent": "pi-3", "state": "unknown"}]))
    assert len(found) == 2
    said = bad(found, "The sensor cold/air of the agent pi-1 is broken (19 times so far)").what
    assert said.en.endswith("No answer [2J at 0x76.")
    assert said.ja == "センサー cold/air(エージェント pi-1)が異常です(これまでに 19 回): アドレス 0x76 が応答しません。"
    bad(found, "The output cold/horn of the agent pi-1 hangs: no reason was given")
    many: list[Mapping[str, Any]] = [
        {"agent": "pi-1", "state": "online", "sensors": {f"a/s{n}": air for n in range(MOST + 3)}}
    ]
    bad(found := list(of_devices(many)), "3 more sensors and outputs")
    assert len(found) == MOST + 1


def test_a_broker_that_is_away_is_told_once() -> None:
    told = {
        "ingest": {"stored": 5, "missing": 0},
        "broker": {"connected": False, "trouble": "it is away"},
        "store": {},
        "agents": [{"agent": "pi-1", "state": "offline"}],
    }
    assert not findings.worst(findings.of_server(told, "1"))
    away = Finding("bad", Words("来ません", "nobody listens"), Words("直す", "mend it"))
    assert findings.of_servers_broker("it is away", away) == away
    bad([findings.of_servers_broker("it is away", Finding("good", Words("有", "there")))], "it is away")


def test_a_broker_that_is_away_or_does_not_speak_tls(tmp_path: Path) -> None:
    port = free_port()
    bad([findings.of_broker(Broker("127.0.0.1", port), Credentials(), "doctor")], "nobody listens there")
    assert "kojo serve" in str(findings.of_broker(Broker("127.0.0.1", port, embedded=True), Credentials(), "d").hint)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(1)

        def answer() -> None:
            caller, _ = door.accept()
            caller.recv(4096)
            caller.sendall(b"what do you want?\r\n")
            caller.close()

        thread = threading.Thread(target=answer)
        thread.start()
        finding = findings.of_broker(Broker("127.0.0.1", door.getsockname()[1], tls=True), Credentials(), "doctor")
        thread.join()
    bad([finding], "TLS")


@pytest.mark.mosquitto
def test_a_broker_that_answers_and_one_that_wants_an_account() -> None:
    with mosquitto() as broker:
        assert findings.of_broker(Broker("127.0.0.1", broker.port), Credentials(), "doctor").state == "good"
    with mosquitto("allow_anonymous false\n") as broker:
        bad([findings.of_broker(Broker("127.0.0.1", broker.port), Credentials(), "doctor")], "account")
        named = Credentials("pi-1", "wrong")
        bad([findings.of_broker(Broker("127.0.0.1", broker.port), named, "doctor")], "does not let in the user pi-1")


def test_a_store_that_does_not_run_is_looked_into_and_left_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    store = opened(data / "line.duckdb")
    refused = Refused("1", START, str(TEMPERATURE), "not_json", "", b"x")
    store.commit(Work(refused=[refused]))
    store.close()
    before = (data / "line.duckdb").read_bytes()
    found = list(examine(contract_line(tmp_path, f"mqtt://127.0.0.1:{free_port()}"), data))
    bad(found, "1, a payload that is no JSON")
    assert any("all of it can be read" in one.what.en for one in found)
    assert (data / "line.duckdb").read_bytes() == before
    (data / "line.duckdb").write_bytes(b"nothing of the kind" * 1000)
    bad(examine(tmp_path / "line.toml", data), "line.duckdb")


@pytest.mark.slow
def test_a_store_of_which_a_part_is_destroyed_is_said_before_it_is_started(tmp_path: Path) -> None:
    file = tmp_path / "line.duckdb"
    store = opened(file)
    store.commit(work(1, 100_000))
    store.close()
    whole = file.read_bytes()
    for at, many in ((len(whole) // 2, len(whole) // 4), (len(whole) // 2, 1)):
        spoiled = whole[:at] + bytes(b ^ 0xA5 for b in whole[at : at + many]) + whole[at + many :]
        file.write_bytes(spoiled)
        finding = bad(of_store(look_through(file), file), "is damaged")
        assert f"kojo restore NEWEST-BACKUP --data {tmp_path} --replace" in str(finding.hint)
        assert "起動する前に" in str(finding.hint and finding.hint.ja)
        assert file.read_bytes() == spoiled
    assert [path.name for path in tmp_path.iterdir()] == ["line.duckdb"]


@pytest.mark.slow
def test_rows_that_are_gone_and_journals_are_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "crash").mkdir()
    store = opened(tmp_path / "line.duckdb")
    store.commit(work(1, 10))
    store.fold()
    for n in (11, 12, 13):
        store.commit(work(n))
    store.commit(Work(refused=[Refused("1", START, str(TEMPERATURE), "not_json", "", b"x")]))
    for path in tmp_path.glob("line.duckdb*"):
        shutil.copy(path, tmp_path / "crash")
    store.close()
    file = tmp_path / "crash" / "line.duckdb"
    told = list(of_store(look_through(file), file))
    assert any("The journal holds 3 readings" in one.what.en for one in told)
    bad(told, "1, a payload that is no JSON")
    (journal,) = file.parent.glob("*.journal.0*")
    said = journal.read_bytes()
    at = said.find(b"ranges", said.find(b"ranges") + 1)
    journal.write_bytes(said[:at] + b"R" + said[at + 1 :])
    bad(of_store(look_through(file), file), "A part of the journal")
    altered(tmp_path / "line.duckdb", "DELETE FROM readings WHERE seq = 4")
    finding = bad(of_store(look_through(tmp_path / "line.duckdb"), tmp_path / "line.duckdb"), "are not in")
    assert "washer/done/count" in finding.what.en


def test_a_store_that_was_set_aside_is_said_until_somebody_has_taken_it_away(tmp_path: Path) -> None:
    aside = tmp_path / "line.duckdb.broken-20261122-062748"
    aside.touch()
    (tmp_path / "pi-1.outbox.sqlite.broken-1").touch()
    finding = bad(of_set_aside(tmp_path), aside.name)
    assert f"kojo restore いちばん新しい控え --data {tmp_path} --replace" in str(finding.hint and finding.hint.ja)
    assert "outbox" not in finding.what.en
    assert any(one == finding for one in examine(tmp_path / "none.toml", tmp_path)), "whether kojo serve runs or not"
    aside.unlink()
    assert not list(of_set_aside(tmp_path))


@pytest.mark.slow
def test_a_store_in_use_by_a_server_that_does_not_answer(tmp_path: Path) -> None:
    import subprocess
    import sys

    opened(tmp_path / "line.duckdb").close()
    program = (
        f"import duckdb, sys; c = duckdb.connect({str(tmp_path / 'line.duckdb')!r}); print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = list(examine(contract_line(tmp_path, f"mqtt://127.0.0.1:{free_port()}"), tmp_path))
        other.communicate("\n", timeout=30)
    bad(found, "in use by another program")


def test_the_server_is_asked_where_it_runs(tmp_path: Path) -> None:
    agent = {"agent": "pi-1", "state": "online", "sensors": {"cold/air": {"state": "broken"}}}
    status = {"ingest": {"stored": 5, "missing": 0}, "broker": {"connected": True, "trouble": None}, "store": {},
              "agents": [agent]}  # fmt: skip
    door = LocalDoor(tmp_path, {"look": lambda _: {"status": status, "quarantine": {"ahead": 2}}})
    door.open()
    found = list(examine(tmp_path / "none.toml", tmp_path))
    door.close()
    assert any("kojo serve runs: 5 readings stored" in one.what.en for one in found)
    bad(found, "2, a time more than a day ahead")
    bad(found, "The sensor cold/air of the agent pi-1 is broken")


def test_a_server_that_ended_in_order_is_said_to_be_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = contract_line(tmp_path, "embedded")
    with DataDirectory(tmp_path / "data", "serve") as directory:
        opened(directory.path / "line.duckdb").close()
        bad(examine(line, directory.path), "runs and does not answer")
    assert doctor(line, tmp_path / "data") == 0
    assert capsys.readouterr().out.endswith("\nkojo serve is stopped; nothing else is wrong.\n")


@pytest.mark.slow
def test_a_server_that_was_killed_is_found_dead_and_said_how_to_start_again(tmp_path: Path) -> None:
    line = contract_line(tmp_path, f"embedded:{free_port()}")
    with running("serve", "--line", line, "--data", tmp_path / "data", "--http", "127.0.0.1:0") as process:
        process.out.said(r"^ready http://")
        process.end(signal.SIGKILL)
        said = kojo("doctor", "--line", line, "--data", tmp_path / "data", lang="ja")
    assert said.returncode == 2, said.stdout
    assert said.stdout.count("×") == 1, said.stdout
    assert "× kojo serve が動いていません。正しく終わらずに" in said.stdout
    assert f"「kojo serve --line {line} --data {tmp_path / 'data'}」" in said.stdout


def test_in_the_directory_of_a_demo_the_demo_is_what_starts_again(tmp_path: Path) -> None:
    with DataDirectory(tmp_path, "serve"):
        (tmp_path / "demo.json").write_text("{}")
    (tmp_path / "serve.sock").touch()
    finding = bad(examine(tmp_path / "none.toml", tmp_path), "did not end in order")
    assert f"kojo demo --data {tmp_path}" in str(finding.hint)


def test_a_directory_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(contract_line(tmp_path, "mqtt://127.0.0.1:1"), tmp_path / "none") == 2
    said = capsys.readouterr().out
    assert "× There is no data directory" in said
    assert "1 thing(s) to see to." in said


@pytest.mark.slow
@pytest.mark.mosquitto
def test_a_kit_that_is_well_is_said_to_be_well_and_one_that_is_not_is_not(tmp_path: Path) -> None:
    with (
        mosquitto() as broker,
        serving(contract_line(tmp_path, f"mqtt://127.0.0.1:{broker.port}"), tmp_path / "data") as kit,
    ):
        until(lambda: kit.ask("/healthz").status_code == 200, "healthy")
        said = kojo("doctor", "--line", tmp_path / "line.toml", "--data", tmp_path / "data", lang="ja")
        assert said.returncode == 2, "its agent pi-1 is not connected"
        assert "× エージェント pi-1 につながっていません。" in said.stdout
        assert "kojo serve が動いています" in said.stdout
        assert said.stdout.count("×") == 1, said.stdout
        broker.publish("kojo/v1/akita/wash/_agents/pi-1", b'{"state":"online"}', retain=True)
        until(lambda: kit.get("/status")["agents"][0]["state"] == "online", "online")
        said = kojo("doctor", "--line", tmp_path / "line.toml", "--data", tmp_path / "data")
        assert (said.returncode, "All is well." in said.stdout) == (0, True), said.stdout


def test_the_doctor_takes_no_id_that_belongs_to_an_agent_or_collector() -> None:
    assert not _own_id().startswith("kojo:")
    assert _own_id() != _own_id()
