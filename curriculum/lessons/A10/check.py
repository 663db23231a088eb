"""One event, one notice; a sensor that is silent is not well; a network that is down loses no notice and no lamp."""

from contract.words import Words
from curriculum.checking import Miss, Work

RED, BUZZER = 22, 18


class Network:
    """Where notices go: it can be down."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.down = False

    def send(self, state: str) -> None:
        if self.down:
            raise OSError(101, "Network is unreachable")
        self.told.append(state)


def check(work: Work) -> None:
    work.start()
    for pin in (RED, BUZZER):
        if not work.board.used(pin) or not work.board.is_output(pin):
            used = "、".join(f"GPIO{pin}" for pin in work.board.pins_used)
            raise Miss(
                "wrong-pin",
                expected=Words(f"GPIO{pin} を使う", f"GPIO{pin} is used"),
                actual=Words(f"使われたのは {used or 'なし'}", f"in use: {used or 'none'}"),
            )
    make = work.name("Alarm")
    _once_per_event(work, make)
    _silent_sensor(work, make)
    told = _network_down(work, make)
    work.saw = Words(
        f"41 で赤いランプとブザー、返事なしは赤だけ。つながらない間の知らせも、順に {len(told)} 件届きました: {_said(told)}。",
        f"41: red lamp and buzzer; no answer: the lamp alone. After a time without a network {len(told)} notices came, "
        f"in order: {_said(told)}.",
    )


def _once_per_event(work, make) -> None:
    network = Network()
    alarm = work.call(make, 40, network.send)
    told = _fed(work, alarm, network, (38, 39))
    _same("once-per-event", Words("38、39 のあと(しきい値40)", "after 38, 39 (limit 40)"), told, [])
    told = _fed(work, alarm, network, (40,))
    _same("limit", Words("ちょうど40のあと(しきい値40)", "after exactly 40 (limit 40)"), told, [])
    told = _fed(work, alarm, network, (41, 42, 43))
    _same("once-per-event", Words("41、42、43 のあと", "after 41, 42, 43"), told, ["high"])
    _lamps(work, "高い", "high", red=True, buzzer=True)
    told = _fed(work, alarm, network, (39, 41))
    _same("once-per-event", Words("続けて 39、41 のあと", "after 39, 41 more"), told, ["high", "clear", "high"])


def _silent_sensor(work, make) -> None:
    network = Network()
    alarm = work.call(make, 40, network.send)
    told = _fed(work, alarm, network, (39, None, None))
    _same("unknown-is-not-clear", Words("39、返事なし、返事なし", "39, no answer, no answer"), told, ["unknown"])
    _lamps(work, "返事なし", "no answer", red=True, buzzer=False)
    told = _fed(work, alarm, network, (39,))
    _same("once-per-event", Words("返事が戻って 39", "an answer again, 39"), told, ["unknown", "clear"])
    _lamps(work, "ふつう", "normal", red=False, buzzer=False)


def _network_down(work, make) -> list[str]:
    network = Network()
    network.down = True
    alarm = work.call(make, 40, network.send)
    down = Words("つながらない間に 41、返事なし、39", "41, no answer, 39 while the network is down")
    for value, red, buzzer in ((41, True, True), (None, True, False), (39, False, False)):
        try:
            work.call(_feed(alarm), value)
        except Miss as miss:
            if not isinstance(miss.__cause__, OSError):
                raise
            broke = Words("途中で止まった", "it broke off")
            raise Miss(
                "no-crash", Words(f"{down.ja}でも止まらない", f"it goes on: {down.en}"), broke, miss.row
            ) from miss
        said = "返事なし" if value is None else value
        _lamps(work, f"つながらない間の{said}", f"{value}, network down", red=red, buzzer=buzzer)
    network.down = False
    told = _fed(work, alarm, network, (42,))
    again = Words(f"{down.ja}、つながって 42", f"{down.en}, then 42 with it up")
    wanted = ["high", "unknown", "clear", "high"]
    _same("in-order" if sorted(map(str, told)) == sorted(wanted) else "kept-offline", again, told, wanted)
    return told


def _fed(work, alarm, network, values) -> list[str]:
    for value in values:
        work.call(_feed(alarm), value)
    return network.told


def _feed(alarm):
    feed = getattr(alarm, "feed", None)
    if feed is None:
        raise Miss(
            "no-name",
            expected=Words("Alarm に feed がある", "an Alarm has feed"),
            actual=Words("feed が見つかりません", "it has no feed"),
        )
    return feed


def _same(hint, about, told, wanted) -> None:
    if told != wanted:
        raise Miss(
            hint,
            expected=Words(f"{about.ja}: 知らせは {_said(wanted)}", f"{about.en}: notices {_said(wanted, 'none')}"),
            actual=Words(f"知らせは {_said(told)}", f"notices {_said(told, 'none')}"),
        )


def _said(states, nothing="なし") -> str:
    return ", ".join(map(str, states)) or nothing


def _lamps(work, when, when_en, *, red, buzzer) -> None:
    for pin, wanted, name, name_en in ((RED, red, "赤いランプ", "red lamp"), (BUZZER, buzzer, "ブザー", "buzzer")):
        if (on := work.board.level(pin)) != wanted:
            raise Miss(
                "lamp-by-itself",
                expected=Words(f"{when}: {name}は{_on(wanted)}", f"{when_en}: {name_en} {'on' if wanted else 'off'}"),
                actual=Words(f"{name}は{_on(on)}", f"{name_en} {'on' if on else 'off'}"),
            )


def _on(level) -> str:
    return "入" if level else "切"
