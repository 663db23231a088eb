# hint: names-not-numbers
# A8 同じ1日、五つの率 / The same day, five rates
# 紙と電卓で計算した数を、こんどはプログラムで出します。
# What you worked out on paper, now by program.


def rates(planned_s, no_data_s, regular_s, stop_s, ct_s, good, ng, demand):
    # 秒: planned_s 動いてほしかった時間  no_data_s データのなかった時間  regular_s 定時  stop_s 長い停止  ct_s 1個の基準
    # 個: good 良品  ng 不良  demand お客様がほしい数
    # s: planned_s wanted to run  no_data_s unseen  regular_s regular hours  stop_s long stops  ct_s ideal of one
    # pieces: good  ng bad  demand wanted by customers
    # 負荷時間。見えなかった時間は入れない
    # load time, without what nobody saw
    load_s = planned_s - no_data_s
    if load_s <= 0:
        # 何も見えなかった日は「分からない」
        # a day that nobody saw is unknown
        return None
    run_s = load_s - stop_s
    made = good + ng
    return {
        "availability": run_s / load_s,  # 時間稼働率 / availability
        "effectiveness": ct_s * made / run_s if run_s else None,  # 性能稼働率 / effectiveness
        "quality_ratio": good / made if made else None,  # 良品率 / quality ratio
        # 可動率(べきどうりつ)
        # operational availability
        "kadoritsu": ct_s * good / load_s,
        # 稼働率(のぎへん)。注文が、定時の力のどれだけか
        # orders over what regular hours can do
        "utilization": 20 * 1200 / (445 * 60),
        "plan_attainment": good / demand,  # 計画達成率 / plan attainment
        # タクトタイム: 何秒に1個ほしいか
        # takt time: seconds from one piece wanted to the next
        "takt_s": regular_s / demand,
    }


NAMES = {
    "availability": "時間稼働率",
    "effectiveness": "性能稼働率",
    "quality_ratio": "良品率",
    "kadoritsu": "可動率(べきどうりつ)",
    "utilization": "稼働率(のぎへん)",
    "plan_attainment": "計画達成率",
}


def show(title, day):
    print(title)
    for key, name in NAMES.items():
        value = day[key] if day else None
        print("  ", name, "分からない" if value is None else f"{value * 100:.1f} %")


# 紙で計算した日: 負荷445分、長い停止40分、基準20秒、良品1,060個、不良20個、必要数1,200個
# The day worked out on paper: load 445 min, long stops 40 min, ideal 20 s, 1060 good, 20 bad, 1200 wanted
show("その日", rates(445 * 60, 0, 445 * 60, 40 * 60, 20, 1060, 20, 1200))
show("2時間残業した日", rates(565 * 60, 0, 445 * 60, 40 * 60, 20, 1380, 20, 1200))
show("45分データがなかった日", rates(445 * 60, 45 * 60, 445 * 60, 40 * 60, 20, 950, 20, 1200))
