# A3 チャタリング / Contact bounce
# 1回の押しを、1回だけ数えます。
# 空欄は2つです。上から順に埋めて、保存してください。
# Each press is counted once, and only once.
# Two blanks. Fill them in from the top, then save.

# 実物なし(練習台)の記録です。【仮想データ】本物のスイッチを測ったものではありません。
# 品物が8個通りました。接点がつながった時刻を、1個ずつ1行に書いてあります。
# 単位はミリ秒です(1000ミリ秒 = 1秒)。
# Virtual data from the bench: no real switch was measured.
# Eight pieces went by. Each row has the times at which the contact closed for one piece.
# In milliseconds (1000 milliseconds = 1 second).
times = []
times += [0, 3, 8, 15]
times += [1240, 1242, 1251]
# いちばん長いはね: 2429 - 2410 = 19
# longest bounce: 2429 - 2410 = 19
times += [2410, 2415, 2417, 2429]
# いちばん早く来た次の品物: 2829 - 2429 = 400
# soonest next piece: 2829 - 2429 = 400
times += [2829, 2834]
times += [4105, 4107, 4112, 4118]
times += [5330, 5338, 5341]
times += [6590, 6591, 6597, 6604, 6608]
times += [7815, 7820, 7826]

# 空欄1: はね止めの時間(ミリ秒)。上の記録を見て、決める
# blank 1: the bounce time in milliseconds; decide it from the record above
GAP_MS = 50


def debounce(times, gap):
    # times: 接点がつながった時刻  gap: はね止めの時間
    # times: when the contact closed  gap: the bounce time
    counted = []  # 数えた時刻 / the times counted
    # 最後に数えた時刻。まだ数えていない間は None
    # the time counted last; None until there is one
    last = None
    for t in times:
        # 最後に数えた時刻からの間は、t - last です
        # t - last is how long ago the last one was counted
        # 空欄2: その間が、はね止めの時間(gap)と同じか、長い
        # blank 2: that is as long as the bounce time (gap), or longer
        if last is None or t - last >= gap:
            counted.append(t)  # 数える / count it
            last = t  # 数えた時刻を覚える / remember when
    return counted


print("接点がつながった回数:", len(times), "回")
print("数えた個数:", len(debounce(times, GAP_MS)), "個")
