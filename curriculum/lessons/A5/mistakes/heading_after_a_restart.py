# hint: heading
# A5 記録 / A record
# 測った値を、1行ずつ CSV ファイルに書き足します。
# 空欄は2つです。上から順に埋めて、保存してください。
# Adds what was measured to a CSV file, row by row.
# Two blanks. Fill them in from the top, then save.
import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

# 日本の時刻は、世界の基準より9時間進んでいます
# Japan is 9 hours ahead of UTC
JAPAN = timezone(timedelta(hours=9))
# 見出し。単位も名前に入れます
# the heading; units are in the names
COLUMNS = ["time", "temp_c", "press_hpa", "hum_pct"]
begun = []


def append(path, when, row):
    # path: ファイル  when: 測った時刻  row: 測った値。測れなかったものは None
    # path: the file  when: the time of measuring  row: the values; None if it could not be measured
    # ファイルがまだなければ True(はい)、もうあれば False(いいえ)
    # True (yes) if there is no file yet, False (no) if there is one
    is_new = path not in begun
    # 空欄1: 開き方を表す1文字
    # blank 1: one letter that says how to open it
    with open(path, mode="a", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        begun.append(path)
        # 空欄2: 見出しを書くのは、どんなときか
        # blank 2: when is the heading written?
        if is_new:
            writer.writerow(COLUMNS)
        time = when.astimezone(JAPAN).isoformat(timespec="seconds")
        writer.writerow([time, row["temp_c"], row["press_hpa"], row["hum_pct"]])


# 【仮想データ】本物のセンサーで測ったものではありません。None は「測れなかった」です。
# Virtual data: no real sensor measured it. None means that it could not be measured.
record = [
    {"temp_c": 18.2, "press_hpa": 1006.5, "hum_pct": 41.0},
    {"temp_c": 18.4, "press_hpa": 1006.5, "hum_pct": None},
    {"temp_c": 18.9, "press_hpa": 1006.4, "hum_pct": 40.2},
]
# このファイルと同じ場所に作ります
# made beside this file
path = Path(__file__).with_name("air.csv")
start = datetime(2026, 4, 1, 9, 0, tzinfo=JAPAN)
for minutes, row in enumerate(record):
    append(path, start + timedelta(minutes=minutes), row)
print(path.read_text(encoding="utf-8-sig"))
