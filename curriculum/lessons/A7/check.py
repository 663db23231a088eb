"""Gaps, median, short and long stops: by settings, and with nothing to count."""

from contract.words import Words
from curriculum.checking import Miss, Work

TOY_PRESS = [0, 30, 60, 91, 121, 241, 271, 301, 1501, 1531]


def check(work: Work) -> None:
    work.start()
    analyse = work.name("analyse")

    def asked(events, ct=30, k=2.0, doka_s=600):
        return work.call(analyse, list(events), ct, k, doka_s)

    def want(hint, told, key, value, about):
        got = told.get(key) if isinstance(told, dict) else told
        if got != value:
            raise Miss(
                hint,
                expected=Words(f"{about.ja}: {key} は {value}", f"{about.en}: {key} is {value}"),
                actual=Words(f"{key} は {got}", f"{key} is {got}"),
            )

    ten = Words("完成10回、間隔が120秒と1200秒の停止を含む列", "ten pieces, with gaps of 120 s and 1200 s among them")
    ten_told = told = asked(TOY_PRESS)
    want("intervals-not-pieces", told, "n", 9, ten)
    want("mean", told, "median", 30, ten)
    lost = _sum(told.get("choko_loss"), told.get("doka_loss"))
    if lost != 90 + 1170:
        raise Miss(
            "one-piece-is-work",
            expected=Words(f"{ten.ja}: 止まったのは合わせて 1260 秒", f"{ten.en}: it stood for 1260 s in all"),
            actual=Words(f"合わせて {lost} 秒", f"{lost} s in all"),
        )
    want("which-class", told, "doka", 1, ten)
    want("which-class", told, "choko", 1, ten)
    want("which-class", told, "doka_loss", 1170, ten)

    close = Words(
        "間隔615秒(止まったのは585秒)、ドカ停は600秒以上", "a gap of 615 s (it stood 585 s), long from 600 s on"
    )
    told = asked([0, 30, 60, 675, 705, 735])
    want("gap-or-stop", told, "doka", 0, close)

    twice = Words("間隔がちょうど k 倍の60秒", "a gap of exactly k times, 60 s")
    want("limits", asked([0, 30, 90, 120]), "choko", 0, twice)
    exact = Words("止まったのがちょうど600秒", "it stood exactly 600 s")
    want("limits", asked([0, 30, 660, 690]), "doka", 1, exact)

    other = Words("別の工程(ct 10、k 1.2、ドカ停は40秒以上)", "another station (ct 10, k 1.2, long from 40 s on)")
    told = asked([0, 10, 20, 35, 45, 95, 105], ct=10, k=1.2, doka_s=40)
    want("settings", told, "choko_loss", 5, other)
    want("settings", told, "doka_loss", 40, other)

    for events, nothing in (
        ([7], Words("完成が1回だけ", "one piece only")),
        ([], Words("完成が0回", "no piece")),
    ):
        try:
            told = asked(events)
        except Miss as miss:
            raise Miss(
                "empty",
                expected=Words(f"{nothing.ja}でも止まらずに答える", f"{nothing.en}: an answer all the same"),
                actual=Words("途中で止まった", "it broke off"),
                row=miss.row,
            ) from miss
        want("empty", told, "n", 0, nothing)
        want("empty", told, "median", None, nothing)
        want("empty", told, "choko", 0, nothing)
    n, median, choko, doka = (ten_told[key] for key in ("n", "median", "choko", "doka"))
    work.saw = Words(
        f"完成10回に間隔は {n} つ、中央値 {median} 秒。チョコ停 {choko} 回({ten_told['choko_loss']} 秒)、"
        f"ドカ停 {doka} 回({ten_told['doka_loss']} 秒)。",
        f"ten pieces have {n} gaps, median {median} s: {choko} short stop ({ten_told['choko_loss']} s), "
        f"{doka} long one ({ten_told['doka_loss']} s).",
    )


def _sum(*parts):
    return sum(parts) if all(isinstance(part, int | float) for part in parts) else None
