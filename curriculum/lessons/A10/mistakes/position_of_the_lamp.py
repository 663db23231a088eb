# hint: wrong-pin
# A10 知らせる / Give notice
# 変わった時に1回だけ知らせ、送れない時は取っておきます。
# Notice once at each change; what cannot be sent is kept.
import time

from gpiozero import LED, Buzzer

red = LED(15)
buzzer = Buzzer(18)


def show(state):
    # ふつうでなければ赤。高い間だけ鳴らす
    # red unless all is well; sounds while it is high
    red.value = state != "clear"
    buzzer.value = state == "high"


class Alarm:  # class・self・__init__ は今は読みとばす / skip class, self and __init__ for now
    def __init__(self, limit, send):
        self.limit = limit  # しきい値 / the limit
        # 送る係。つながらない時は OSError
        # who sends; OSError if nobody can be reached
        self.send = send
        self.state = "clear"  # 前の状態 / the state before
        self.pending = []  # 送り待ち / waiting to be sent

    def feed(self, value):
        if value is None:
            # "high" でも "clear" でもない三つ目の言葉
            # a third word, neither "high" nor "clear"
            state = "unknown"
        elif value > self.limit:
            state = "high"
        else:
            state = "clear"
        # 前の状態 self.state とちがう時だけ
        # only when it is not as before
        if state != self.state:
            self.state = state
            self.pending.append(state)
            show(state)
        self.flush()

    def flush(self):
        while self.pending:
            try:
                self.send(self.pending[0])
            # つながらない時の気づきの名前
            # what Python raises when nobody can be reached
            except OSError:
                return  # 残して、次の時にまた送る / kept, and sent again next time
            self.pending.pop(0)


# 温度の記録【仮想データ】。None は返事がなかった時
# temperatures (virtual data); None: no answer
alarm = Alarm(30, lambda state: print("知らせ:", state))
for value in [28.5, 29.9, 30.4, 31.2, 30.8, 29.1, None, None, 28.8]:
    alarm.feed(value)
    time.sleep(1)
