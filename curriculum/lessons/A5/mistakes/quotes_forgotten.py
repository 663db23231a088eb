# hint: mode
# A5 記録 / A record
# 測った値を、1行ずつ CSV ファイルに書き足します。
# 空欄は2つです。上から順に埋めて、保存してください。
import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

JAPAN = timezone(timedelta(hours=9))  # 日本の時刻は、世界の基準より9時間進んでいます
COLUMNS = ["time", "temp_c", "press_hpa", "hum_pct"]  # 見出し。単位も名前に入れます


def append(path, when, row):
    # path: ファイル  when: 測った時刻  row: 測った値。測れなかったものは None
    is_new = not Path(path).exists()  # ファイルがまだなければ True(はい)、もうあれば False(いいえ)
    with open(path, mode=a, newline="", encoding="utf-8-sig") as file:  # 空欄1: 開き方を表す1文字
        writer = csv.writer(file)
        if is_new:  # 空欄2: 見出しを書くのは、どんなときか
            writer.writerow(COLUMNS)
        time = when.astimezone(JAPAN).isoformat(timespec="seconds")
        writer.writerow([time, row["temp_c"], row["press_hpa"], row["hum_pct"]])


# 【仮想データ】本物のセンサーで測ったものではありません。None は「測れなかった」です。
record = [
    {"temp_c": 18.2, "press_hpa": 1006.5, "hum_pct": 41.0},
    {"temp_c": 18.4, "press_hpa": 1006.5, "hum_pct": None},
    {"temp_c": 18.9, "press_hpa": 1006.4, "hum_pct": 40.2},
]
path = Path(__file__).with_name("air.csv")  # このファイルと同じ場所に作ります
start = datetime(2026, 4, 1, 9, 0, tzinfo=JAPAN)
for minutes, row in enumerate(record):
    append(path, start + timedelta(minutes=minutes), row)
print(path.read_text(encoding="utf-8-sig"))
