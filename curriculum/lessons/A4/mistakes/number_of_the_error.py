# hint: no-answer
# A4 温湿度センサー / Temperature, humidity and air pressure
# センサーを探して、温度・気圧・湿度を読みます。
# 空欄は3つです。上から順に埋めて、保存してください。
# Find the sensor, then read temperature, pressure and humidity.
# Three blanks. Fill them in from the top, then save.
import time

from smbus2 import SMBus

from edge.sensors.bme280 import Calibration, Raw

# センサーがいるかもしれない番地です。部品によって 0x76 か 0x77 のどちらかです
# Addresses where the sensor may be: 0x76 or 0x77, depending on the part
ADDRESSES = (0x76, 0x77)  # 空欄1: もう1つの番地 / blank 1: the other address
# 部品番号と名前。BMP280 は湿度を測れません
# chip numbers and names; a BMP280 cannot measure humidity
NAMES = {0x60: "BME280", 0x58: "BMP280"}


def find(bus):
    # 番地を順に呼んで、(番地, 名前) を返す。だれもいなければ (None, None)
    # Calls each address in turn; gives (address, name), or (None, None) if nobody is there
    for address in ADDRESSES:
        try:
            # 「部品番号を教えて」と聞く
            # ask for the chip's number
            number = bus.read_byte_data(address, 0xD0)
        # 空欄2: 返事がないときの気づきの名前
        # blank 2: what Python raises when there is no answer
        except 121:
            continue  # 返事がない。次の番地へ / no answer: on to the next address
        if number in NAMES:
            return address, NAMES[number]
    return None, None


def to_row(t, p, h):
    # t: 温度(℃)  p: 気圧(Pa)  h: 湿度(%)。測れなかったものは None のまま渡す
    # t: temperature (°C)  p: pressure (Pa)  h: humidity (%). What could not be measured stays None
    return {
        "temp_c": None if t is None else round(t, 1),
        # 空欄3: Pa を hPa に直す数
        # blank 3: the number that turns Pa into hPa
        "press_hpa": None if p is None else round(p / 100, 1),
        "hum_pct": None if h is None else round(h, 1),
    }


# ---- ここから下は、読むだけでかまいません ----
# ---- From here on, reading is enough ----


def measure(bus, address, name):
    # センサーを起こして、1回測る。計算は部品メーカーの式で、キットに入っています
    # Wakes the sensor and measures once. The formula is the chip maker's; it comes with the kit
    humid = name == "BME280"
    calibration = Calibration.read(bus, address, humid)
    bus.write_byte_data(address, 0xF2, 0x01)  # 湿度も測る / humidity, too
    bus.write_byte_data(address, 0xF5, 0xA0)  # 1秒に1回 / once a second
    bus.write_byte_data(address, 0xF4, 0x27)  # 測り始める / begin to measure
    time.sleep(0.1)  # 測り終わるのを待つ / wait until it is done
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
