# hint: empty
# A7 サイクルタイムとチョコ停 / Cycle time and short stops
# 完成した時刻(秒)の列から、ふだんの間隔と、止まった回数・秒数を出します。
# From the times of the pieces (s): the usual gap, and how often and how long it stood.
from itertools import pairwise
from statistics import mean, median


def analyse(events, ct, k, doka_s):
    # events: 完成した時刻(秒)  ct: 1個の基準秒数  k: 何倍より長ければ停止か  doka_s: 何秒以上でドカ停か
    # events: times of the pieces (s)  ct: ideal of one  k: a gap of more times is a stop  doka_s: long from here on
    gaps = [later - earlier for earlier, later in pairwise(events)]  # 隣どうしの引き算 = 完成の間隔 / neighbours apart
    choko = choko_loss = doka = doka_loss = 0
    for gap in gaps:
        # 間隔が基準の k 倍より長い = 止まった
        # longer than k times the ideal: it stood
        if gap > k * ct:
            # 止まっていた秒数(1個を作った時間は入れない)
            # the seconds it stood, without the making of one piece
            loss = gap - ct
            # ドカ停か(止まっていた秒数で決める)
            # is it long? (by the seconds it stood)
            if loss >= doka_s:
                doka = doka + 1
                doka_loss = doka_loss + loss
            else:
                choko = choko + 1
                choko_loss = choko_loss + loss
    return {
        "n": len(gaps),
        # ふだんの間隔
        # the usual gap
        "median": median(gaps),
        "choko": choko,
        "choko_loss": choko_loss,
        "doka": doka,
        "doka_loss": doka_loss,
    }


# おもちゃのプレスの記録【仮想データ】。自分で押した時刻に置きかえてもかまいません。
# A toy press, virtual data. You may put times of your own here.
events = [0, 20, 41, 61, 121, 141, 160, 181, 881, 901]
print(analyse(events, ct=20, k=2.0, doka_s=600))
gaps = [later - earlier for earlier, later in pairwise(events)]
print("平均なら", round(mean(gaps), 1), "秒。現場でこの秒数を見た人はいますか。")
