# hint: bounds
# A9 相関 / Correlation
# 2つの列が一緒に動くかを、-1 から 1 の数 r で出します。
# Do two columns move together? r says it, from -1 to 1.
from math import sqrt


def r(a, b):
    middle_a, middle_b = sum(a) / len(a), sum(b) / len(b)
    # 一緒に動いた分
    # how far they moved together
    together = sum((x - middle_a) * (y - middle_b) for x, y in zip(a, b, strict=True))
    spread_a = sum((x - middle_a) ** 2 for x in a)  # a のばらつき / how far a varies
    spread_b = sum((y - middle_b) ** 2 for y in b)  # b のばらつき / how far b varies
    # 片方でも全部同じ値(ばらつきが 0)なら、計算できない
    # cannot be told if either does not vary at all
    if spread_a == 0 or spread_b == 0:
        return None
    # 両方のばらつきを掛けた数の平方根 sqrt( ) で割る
    # divide by the root of both spreads multiplied
    return together / sqrt(spread_a * spread_b)


def label(x):
    if x is None:
        return "計算できません"
    # 向き(プラスかマイナスか)を外した大きさ
    # its size without the sign
    size = abs(x)
    if size >= 0.8:
        return "強い相関性がある"
    if size > 0.5:
        return "相関性がある"
    if size >= 0.3:
        return "弱い相関性がある"
    return "相関性はほとんどない"


def show(names, a, b):
    found = r(a, b)
    few = "(点が少なく、偶然でもこの程度は出ます)" if len(a) < 20 else ""
    print(names, "r =", found, label(found), f"n = {len(a)}", few)


# 出典: 東北経済産業局の資料にある20人の表
# source: a table of 20 people in slides of METI Tohoku
ball = [120, 130, 95, 141, 128, 118, 108, 87, 120, 110, 100, 127, 112, 130, 99, 102, 130, 110, 120, 128]
throw = [62, 90, 53, 88, 79, 88, 83, 53, 92, 70, 70, 82, 87, 63, 79, 69, 77, 78, 68, 81]
chins = [71, 32, 20, 28, 45, 30, 22, 40, 15, 10, 10, 31, 13, 18, 15, 22, 28, 17, 33, 42]
show("球速と遠投", ball, throw)
show("遠投と懸垂", throw, chins)

# 【仮想データ】12日分の湿度(%)と不良(個)
# virtual data: humidity and bad pieces of 12 days
humidity = [48, 55, 61, 52, 66, 58, 45, 63, 70, 50, 57, 92]
bad = [11, 9, 12, 8, 10, 13, 10, 8, 11, 12, 9, 31]
show("湿度と不良", humidity, bad)
show("12日目を外すと", humidity[:-1], bad[:-1])
