"""What must be seen at a station: calls, alarms, lost sensors and outputs, from what the agents say of themselves."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from contract.line import Line, load
from edge.sensors import catalogue
from kpi.signals import signals
from tests.kpi.desks import Service
from tests.kpi.lines import at
from tests.kpi.test_service_live import Screen

LINES = Path(__file__).parents[2] / "hardware" / "lines"
AT = "2026-11-16T05:32:05.000+00:00"
Body = dict[str, Any]


def line(name: str, change: tuple[str, str] = ("", ""), directory: Path | None = None) -> Line:
    file = LINES / f"{name}.toml"
    if directory is not None:
        text = file.read_text("utf-8")
        assert change[0] in text
        file = directory / "line.toml"
        file.write_text(text.replace(*change), "utf-8")
    return load(file, catalogue())


def agent(of: Line, id: str = "pi-1", holding: tuple[int, ...] = (), lost: tuple[int, ...] = (), **more: Any) -> Body:
    """What an agent says in its state: the rules it follows, the outputs it drives."""
    own = {station.id for station in of.stations_of(id)}
    phases = dict.fromkeys(holding, "holding") | dict.fromkeys(lost, "lost")
    rules = [
        {"rule": n, "when": str(r.when), "set": f"{r.station}/{r.output}", "state": phases.get(n, "idle"), "since": AT}
        for n, r in enumerate(of.rules, 1)
        if r.series.station in own
    ]
    outputs = {
        f"{s.id}/{o}": {"state": "ok", "since": AT, "v": 0, "by": "safe"} for s in of.stations_of(id) for o in s.outputs
    }
    for number in holding:
        rule = of.rules[number - 1]
        if f"{rule.station}/{rule.output}" in outputs:
            outputs[f"{rule.station}/{rule.output}"] |= {"v": rule.value, "by": "rule"}
    return {"agent": id, "state": "online", "at": AT, "rules": rules, "outputs": outputs, "sensors": {}} | more


def only(found: dict[str, list[Body]], station: str) -> Body:
    (one,) = found[station]
    return one


def test_a_line_in_which_all_is_well_has_none() -> None:
    for name in ("cold-store", "andon-call", "hygiene-door", "contract"):
        of = line(name)
        assert not any(signals(of, [agent(of, id) for id in of.agents], "viewer").values())


def test_what_no_agent_said_is_not_invented() -> None:
    of = line("cold-store")
    assert signals(of, [], "viewer") == {"cold": []}
    assert signals(of, [{"agent": "pi-1", "state": "unknown", "at": None}], "viewer") == {"cold": []}
    strange = {"agent": "pi-1", "state": "online", "rules": [{"rule": 99}, 7], "outputs": [], "sensors": None}
    assert signals(of, [strange], "viewer") == {"cold": []}


def test_a_warm_cold_store_is_one_alarm_with_since_why_and_what_to_do() -> None:
    of = line("cold-store")
    told = only(signals(of, [agent(of, holding=(1, 2))], "viewer"), "cold")
    assert told["kind"] == "alarm"
    assert told["since"] == "2026-11-16T14:32:05+09:00"
    assert told["title"]["ja"] == "庫内が温かい"
    assert told["why"]["ja"] == "「庫内の温度」が 10 °C を超えています(5 分以上続きました)。"
    assert told["todo"]["ja"].startswith(
        "扉が閉まっているか見て、班長に知らせる。済んだら「確認ボタン」を押してください。"
    )
    assert told["outputs"] == ["cold/buzzer", "cold/light"]
    assert told["rules"] == [1, 2]


def test_without_names_ids_and_the_condition_are_said() -> None:
    of = line("contract")
    told = only(signals(of, [agent(of, holding=(1,))], "viewer"), "washer")
    assert told["title"]["ja"] == "「air」の温度が 10 °C を超えています"
    assert told["why"]["ja"] == "5 分以上続きました。"
    assert told["todo"]["ja"] == "現場を見て、原因を直してください。条件が終われば、自動で止まります。"


def test_two_causes_are_two_alarms() -> None:
    of = line("cold-store")
    found = signals(of, [agent(of, holding=(2, 3))], "viewer")["cold"]
    assert [one["rules"] for one in found] == [[2], [3]]
    assert found[1]["title"]["ja"] == "扉が開いたまま"


def test_a_call_waits_for_its_answer_on_every_station_it_is_shown_at() -> None:
    of = line("andon-call")
    found = signals(of, [agent(of, id, holding=(2, 3, 4)) for id in of.agents], "viewer")
    assert only(found, "assembly") == only(found, "desk")
    told = only(found, "assembly")
    assert told["kind"] == "call"
    assert told["title"]["ja"] == "「呼び出しボタン」が押されました"
    assert "「応答ボタン」を押してください" in told["todo"]["ja"]
    assert set(told["outputs"]) == {"assembly/tower", "assembly/chime", "desk/lamp"}


def test_a_call_that_nobody_answers_stays_one_call() -> None:
    of = line("andon-call")
    told = only(signals(of, [agent(of, id, holding=(1, 2, 3, 4)) for id in of.agents], "viewer"), "assembly")
    assert told["kind"] == "call"
    assert "「黄」" in told["why"]["ja"]


def test_a_door_and_a_green_light_are_no_alarms_and_a_red_one_is() -> None:
    of = line("hygiene-door")
    assert signals(of, [agent(of, holding=(1, 2))], "viewer") == {"entry": []}
    assert only(signals(of, [agent(of, holding=(3,))], "viewer"), "entry")["kind"] == "alarm"


def test_an_output_that_a_hand_silenced_is_said() -> None:
    of = line("cold-store")
    said = agent(of, holding=(1, 2))
    said["outputs"]["cold/buzzer"] |= {"v": 0, "by": "command"}
    assert "「ブザー」は人の操作で「止」です" in only(signals(of, [said], "viewer"), "cold")["why"]["ja"]
    said["outputs"]["cold/buzzer"] |= {"v": 0, "by": "safe"}
    assert "決めた時間が過ぎた" in only(signals(of, [said], "viewer"), "cold")["why"]["ja"]


def test_a_lost_sensor_says_that_nobody_watches_and_what_the_outputs_do() -> None:
    of = line("cold-store")
    why = {"state": "broken", "why_ja": "DS18B20 が見つかりません。", "why_en": "no DS18B20."}
    said = agent(of, lost=(1, 2), sensors={"cold/air": why})
    told = only(signals(of, [said], "viewer"), "cold")
    assert told["kind"] == "blind"
    assert told["why"]["ja"].startswith("DS18B20 が見つかりません。")
    assert "「ブザー」は「鳴っている」の状態です" in told["why"]["ja"]
    assert told["rules"] == [1, 2]
    silent = only(signals(of, [agent(of, lost=(3,))], "viewer"), "cold")
    assert silent["why"]["ja"] == "値が来ません。規則を止め、「確認の灯り」は安全側です。"


def test_a_broken_output_is_said_with_its_reason() -> None:
    of = line("cold-store")
    said = agent(of)
    said["outputs"]["cold/light"] = {
        "state": "broken",
        "since": AT,
        "why_ja": "GPIO23 は使われています。",
        "why_en": "x",
    }
    told = only(signals(of, [said], "viewer"), "cold")
    assert (told["kind"], told["outputs"]) == ("failsafe", ["cold/light"])
    assert "GPIO23" in told["why"]["ja"]


def test_an_agent_that_is_gone_leaves_its_outputs_unknown_and_lets_go_of_those_of_others() -> None:
    of = line("andon-call")
    first, second = of.agents
    gone = {"agent": first, "state": "offline", "at": AT}
    found = signals(of, [gone, agent(of, second)], "viewer")
    assert only(found, "assembly")["title"]["ja"] == "警報をここから見られません"
    assert only(found, "assembly")["since"] is None  # a last will does not know when
    assert only(found, "desk")["title"]["ja"] == "「班長の机のランプ」は安全側です"
    ended = signals(of, [gone | {"clean": True}, agent(of, second)], "viewer")
    assert "出力は安全側で" in only(ended, "assembly")["why"]["ja"]
    assert only(ended, "assembly")["since"] == "2026-11-16T14:32:05+09:00"


def test_the_loudest_stands_first() -> None:
    of = line("cold-store")
    said = agent(of, holding=(3,), lost=(1,))
    said["outputs"]["cold/buzzer"]["state"] = "hanging"
    found = signals(of, [said], "viewer")["cold"]
    assert [one["kind"] for one in found] == ["alarm", "blind", "failsafe"]


@pytest.mark.parametrize(("role", "known"), [("viewer", False), ("operator", True)])
def test_of_a_persons_station_viewers_hear_no_moment(tmp_path: Path, role: Any, known: bool) -> None:
    of = line("andon-call", ("[stations.assembly]\n", '[stations.assembly]\nprivacy = "person"\n'), tmp_path)
    told = only(signals(of, [agent(of, id, holding=(2,)) for id in of.agents], role), "assembly")
    assert (told["since"] is not None) is known


def test_a_rule_of_another_version_of_the_file_is_not_taken_for_one_of_this() -> None:
    of = line("cold-store")
    said = agent(of, holding=(1,))
    said["rules"][0]["when"] = "cold/air/temperature > 8"
    assert signals(of, [said], "viewer") == {"cold": []}


def test_a_rule_that_begins_is_pushed_without_a_reading(tmp_path: Path) -> None:
    of = line("cold-store")
    told = Service(of, tmp_path, at("9:00"), live=True)
    told.ingest.agents = [agent(of)]

    async def begin(screen: Screen) -> None:
        await screen.until(lambda seen: bool(seen.of("beat")))
        told.ingest.agents = [agent(of, holding=(1, 2))]
        await screen.until(lambda seen: any(body["signals"] for body in seen.of("kpi")))
        told.ingest.agents = [{"agent": "pi-1", "state": "offline", "at": AT}]
        gone = "警報をここから見られません"
        await screen.until(lambda seen: any(s["title"]["ja"] == gone for b in seen.of("kpi") for s in b["signals"]))

    asyncio.run(Screen(told).watch(begin))
