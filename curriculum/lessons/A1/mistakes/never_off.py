# hint: left-on
# あんどんランプ: 1つの状態に、1つのランプ。運転は緑、段取りは黄、停止は赤。
# An andon lamp: one lamp for one state. Running is green, set-up is yellow, stopped is red.
from gpiozero import LED

# 空欄に GPIO の番号を書きます(位置の番号ではありません)。配線図を見ましょう。
# In the blanks, the GPIO numbers (not the positions). Look at the wiring picture.
LAMPS = {
    "run": LED(17),  # 運転・緑 / running, green
    "setup": LED(27),  # 段取り・黄 / set-up, yellow
    "stop": LED(22),  # 停止・赤 / stopped, red
}


def show(state):
    # まず全部を消し、それから1つだけ光らせます。光らせるなら lamp.on() です。では、消すなら?
    # First put all of them out, then light one. To light it is lamp.on(). And to put it out?
    for lamp in LAMPS.values():
        pass
    LAMPS[state].on()


show("run")
