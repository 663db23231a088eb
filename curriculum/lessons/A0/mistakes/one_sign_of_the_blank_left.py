# hint: blank-left
# はじめの一歩: 下の空欄 ___ を消して、自分の工程の名前を書き、保存します(Ctrl+S)。
# A first step: take the blank ___ away, write your own process's name there, and save (Ctrl+S).
# 例: station = "洗浄2号機" / Example: station = "washer 2"
station = "検査_"

print("私の工程は", station)
