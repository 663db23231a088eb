# hint: no-record
# A6 信号灯を読む / Reading a stack light
# 明るさの並びから、点灯・消灯・点滅を見分けます。
# 空欄は2つです。上から順に埋めて、保存してください。
# Tells from a row of brightness values whether a lamp is on, off or blinking.
# Two blanks. Fill them in from the top, then save.

HI = 600  # この明るさ以上になったら「点いた」 / as bright as this, or brighter: it came on
LO = 300  # この明るさ以下になったら「消えた」 / as dark as this, or darker: it went out


def lamp(samples, hi, lo):
    # samples: 明るさの並び(0.1秒おき、2秒分)  hi: 点いたと見る明るさ  lo: 消えたと見る明るさ
    # samples: brightness every 0.1 s for 2 s  hi: bright enough for on  lo: dark enough for off
    if not samples:
        return "off"  # 記録がない。「消灯」とは言わない / no record: do not say that it is off
    # いま点いているか。True は「はい」、False は「いいえ」
    # is it on now? True is yes, False is no
    lit = samples[0] >= hi
    changes = 0  # 変わった回数 / how often it changed
    for light in samples:
        # 空欄1: 消えていた。どの明るさになったら「点いた」か
        # blank 1: it was off. How bright must it get to have come on?
        if not lit and light >= hi:
            lit = True
            changes = changes + 1
        # 空欄2: 点いていた。どの明るさになったら「消えた」か
        # blank 2: it was on. How dark must it get to have gone out?
        elif lit and light <= lo:
            lit = False
            changes = changes + 1
    if changes >= 3:  # 2秒の間に3回以上変わった / 3 changes or more within 2 seconds
        return "blink"  # 点滅 / blinking
    if lit:
        return "on"  # 点灯 / lit
    return "off"  # 消灯 / not lit


# 実物なし(練習台)の記録です。【仮想データ】本物の信号灯を測ったものではありません。
# Virtual data from the bench: no real stack light was measured.
green = [906, 874, 901, 888, 879, 917, 911, 895, 870, 884, 902, 890, 877, 913, 899, 886, 908, 872, 894, 905]
amber = [448, 431, 462, 455, 427, 440, 469, 436, 451, 444, 458, 429, 466, 438, 453, 447, 433, 461, 442, 456]
red = [905, 871, 918, 896, 882, 61, 44, 57, 49, 66, 913, 879, 890, 902, 875, 52, 68, 43, 59, 47]

print("緑:", lamp(green, HI, LO))
print("黄(窓から夕日が当たっている):", lamp(amber, HI, LO))
print("赤:", lamp(red, HI, LO))
