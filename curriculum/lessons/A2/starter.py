# 生産カウンタ: ボタンが1回押されるたびに、1個と数えます。
# A production counter: every press of the button counts one piece.
from gpiozero import Button


class Counter:  # class・self・__init__ は今は読みとばす / skip class, self and __init__ for now
    # 数を数える係。count が今の数です / It counts; count is the number so far

    def __init__(self):
        self.count = 0

    def add_one(self):
        self.count = self.count + 1
        print(self.count, "個")


counter = Counter()

# スイッチは GPIO23 と GND の間。放した時に1に保つのは、Button がしてくれます。
# The switch is between GPIO23 and GND; Button keeps the wire at 1 while it is open.
button = Button(23)

# 空欄に「押されたら呼ばれる名前」を書きます。例: chime の ring を呼ぶなら chime.ring
# In the blank, the name to be called at a press. To call ring of chime it would be chime.ring
button.when_pressed = ___
