# hint: address-in-hex
# A4 温湿度センサー / Temperature, humidity and air pressure
# センサーを探して、温度・気圧・湿度を読みます。
# 空欄は3つです。上から順に埋めて、保存してください。
import time

from smbus2 import SMBus

from edge.sensors.bme280 import Calibration, Raw

# センサーがいるかもしれない番地です。部品によって 0x76 か 0x77 のどちらかです
ADDRESSES = (0x76, Ox77)  # 空欄1: もう1つの番地
NAMES = {0x60: "BME280", 0x58: "BMP280"}  # 部品番号と名前。BMP280 は湿度を測れません


def find(bus):
    # 番地を順に呼んで、(番地, 名前) を返す。だれもいなければ (None, None)
    for address in ADDRESSES:
        try:
            number = bus.read_byte_data(address, 0xD0)  # 「部品番号を教えて」と聞く
        except OSError:  # 空欄2: 返事がないときの気づきの名前
            continue  # 返事がない。次の番地へ
        if number in NAMES:
            return address, NAMES[number]
    return None, None


def to_row(t, p, h):
    # t: 温度(℃)  p: 気圧(Pa)  h: 湿度(%)。測れなかったものは None のまま渡す
    return {
        "temp_c": None if t is None else round(t, 1),
        "press_hpa": None if p is None else round(p / 100, 1),  # 空欄3: Pa を hPa に直す数
        "hum_pct": None if h is None else round(h, 1),
    }


# ---- ここから下は、読むだけでかまいません ----


def measure(bus, address, name):
    # センサーを起こして、1回測る。計算は部品メーカーの式で、キットに入っています
    humid = name == "BME280"
    calibration = Calibration.read(bus, address, humid)
    bus.write_byte_data(address, 0xF2, 0x01)  # 湿度も測る
    bus.write_byte_data(address, 0xF5, 0xA0)  # 1秒に1回
    bus.write_byte_data(address, 0xF4, 0x27)  # 測り始める
    time.sleep(0.1)  # 測り終わるのを待つ
    raw = Raw.of(bytes(bus.read_i2c_block_data(address, 0xF7, 8)))
    air = calibration.air(raw)
    return air["temperature"], air["pressure"] * 100, air["humidity"] if humid else None


bus = SMBus(1)
address, name = find(bus)
if address is None:
    print("センサーの返事がありません。配線チェック票(S2)の順に、線を見てください。")
else:
    print(name, "が番地", hex(address), "にいました。")
    print(to_row(*measure(bus, address, name)))
