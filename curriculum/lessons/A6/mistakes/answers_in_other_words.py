# hint: words
# A6 信号灯を読む / Reading a stack light
# 明るさの並びから、点灯・消灯・点滅を見分けます。
# 空欄は2つです。上から順に埋めて、保存してください。

HI = 600  # この明るさ以上になったら「点いた」
LO = 300  # この明るさ以下になったら「消えた」


def lamp(samples, hi, lo):
    # samples: 明るさの並び(0.1秒おき、2秒分)  hi: 点いたと見る明るさ  lo: 消えたと見る明るさ
    if not samples:
        return None  # 記録がない。「消灯」とは言わない
    lit = samples[0] >= hi  # いま点いているか。True は「はい」、False は「いいえ」
    changes = 0  # 変わった回数
    for light in samples:
        if not lit and light >= hi:  # 空欄1: 消えていた。どの明るさになったら「点いた」か
            lit = True
            changes = changes + 1
        elif lit and light <= lo:  # 空欄2: 点いていた。どの明るさになったら「消えた」か
            lit = False
            changes = changes + 1
    if changes >= 3:  # 2秒の間に3回以上変わった
        return "blink"  # 点滅
    if lit:
        return "点灯"
    return "消灯"


# 実物なし(練習台)の記録です。【仮想データ】本物の信号灯を測ったものではありません。
green = [906, 874, 901, 888, 879, 917, 911, 895, 870, 884, 902, 890, 877, 913, 899, 886, 908, 872, 894, 905]
amber = [448, 431, 462, 455, 427, 440, 469, 436, 451, 444, 458, 429, 466, 438, 453, 447, 433, 461, 442, 456]
red = [905, 871, 918, 896, 882, 61, 44, 57, 49, 66, 913, 879, 890, 902, 875, 52, 68, 43, 59, 47]

print("緑:", lamp(green, HI, LO))
print("黄(窓から夕日が当たっている):", lamp(amber, HI, LO))
print("赤:", lamp(red, HI, LO))
