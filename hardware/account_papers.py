"""What people copy or type by hand: an account's sheet, the header of an ESP32 sketch, and which file goes where."""

import json
from collections.abc import Sequence

from contract import secrets
from contract.broker import Broker
from hardware.broker_accounts import Account
from hardware.broker_files import CA

PAPER, HEADER = "connection.txt", "kojo_broker.h"
OURS = (secrets.FILE, CA, PAPER, HEADER)


def paper(account: Account, broker: Broker, password: str) -> str:
    """One account as a person types it into Node-RED, MQTT Explorer or a sketch. Holds the password."""
    writes = [grant.filter for grant in account.grants if grant.kind == "write"]
    reads = [grant.filter for grant in account.grants if grant.kind == "read"]
    return "\n".join(
        [
            "この紙にはパスワードが書いてあります。人に渡さず、公開の場所に置かないでください。",
            "This sheet holds a password: do not pass it on or publish it.",
            "",
            f"host      {broker.host}",
            f"port      {broker.port}   (TLS)",
            f"user      {account.user}",
            f"password  {password}",
            f"CA        {CA}   (「サーバー証明書を検証する」は必ず入のまま / keep certificate checking on)",
            "",
            "書ける / may write:",
            *(f"  {filter}" for filter in writes or ["-"]),
            "読める / may read:",
            *(f"  {filter}" for filter in reads or ["-"]),
            "",
            *_try(account, broker, writes),
            "",
        ]
    )


def _try(account: Account, broker: Broker, writes: Sequence[str]) -> list[str]:
    """A line to type: who writes readings sends one, others listen."""
    link = f"-h {broker.host} -p {broker.port} --cafile {CA} -u {account.user} -P '(password)'"
    if account.kind not in ("team", "station") or not writes:
        return [f"試す / try: mosquitto_sub {link} -v -t 'kojo/v1/#'"]
    topic = writes[0].replace("+/+", "SENSOR/MEASURE")
    refused = (
        "断られても成功に見えます。kojo serve の画面に理由が出ます / a refusal looks like success: kojo serve says why"
        if broker.embedded
        else "断られたときは PUBACK に Not authorized と出ます / a refusal shows in PUBACK: Not authorized"
    )
    return [
        "試す(SENSOR/MEASURE は line.toml の名前に) / try (SENSOR/MEASURE as named in line.toml):",
        f"  mosquitto_pub {'-V 311' if broker.embedded else '-V 5'} -q 1 -d {link} -t {topic} -m 1",
        f"  {refused}",
    ]


def header(account: Account, broker: Broker, password: str, ca: bytes) -> str:
    """kojo_broker.h for an ESP32: `client.setCACert(KOJO_CA)`, `mqtt.connect(id, KOJO_USER, KOJO_PASSWORD)`."""
    told = {"HOST": broker.host, "USER": account.user, "PASSWORD": password}
    lines = "\n".join(f"#define KOJO_{name} {json.dumps(value)}" for name, value in told.items())
    return (
        "// kojo derive が作りました。パスワード入りなので公開しないでください。/ Holds a password: do not publish.\n"
        f"#pragma once\n{lines}\n#define KOJO_PORT {broker.port}\n"
        "// setInsecure() は使わないでください / never use setInsecure()\n"
        f'static const char KOJO_CA[] = R"PEM(\n{ca.decode().strip()}\n)PEM";\n'
    )


def readme(broker: Broker, accounts: Sequence[Account]) -> str:
    """Which file goes where, Japanese first. Holds no secret."""
    agents = [account.id for account in accounts if account.kind == "agent"]
    devices = [f"{account.kind}s/{account.id}/" for account in accounts if account.kind in ("team", "station")]
    copies = "\n".join(f"  scp -r agents/{id}/. {id}:data/" for id in agents) or "  -"
    return _README.format(broker=broker, copies=copies, devices=", ".join(devices) or "-")


_README = """\
ブローカーのアカウントと TLS(kojo derive が作りました。ブローカーは {broker})

1. ブローカー
   - 内蔵(embedded:HOST:PORT): このフォルダーを kojo serve の --data にすれば、そのまま使われます。
   - mosquitto: そのPCに broker/ を写して「sudo sh broker/install.sh」。作り直したあとも同じです。
2. kojo serve: このフォルダーを --data にするか、secrets.toml と ca.crt をその --data に写します。
3. Pi ごとに、その Pi の kojo edge の --data に写します(0600 のまま)。
{copies}
4. ESP32・Node-RED には、その班か工程のフォルダーだけを渡します: {devices}
   見るだけの人は people/viewer、出力を動かす人は people/operator。
5. authority/ca.key は証明書を作るときだけ要ります。人に渡さず、しまっておいてください。
6. Pi をなくしたら line.toml から外して、パスワードが漏れたら「--renew そのアカウント」で、もう一度 kojo derive。
   ブローカーに入れ直すと、古いパスワードはその時から使えません。証明書は残り 1 年を切ると作り直されます。
7. 配線図・ピン表・点検表・部品表は hardware/ にあります(hardware/README.txt。秘密はありません)。
このフォルダーには秘密が入っています。Git やクラウドに置かないでください。

----------------------------------------------------------------------------------------------------------------------
The broker's accounts and TLS (made by kojo derive; the broker is {broker})

1. The broker
   - embedded (embedded:HOST:PORT): make this folder the --data of kojo serve; nothing else is needed.
   - mosquitto: copy broker/ to its machine and run: sudo sh broker/install.sh. The same after each change.
2. kojo serve: make this folder its --data, or copy secrets.toml and ca.crt into its --data.
3. Each Pi: copy its folder into the --data of its kojo edge (mode 0600 as it is).
{copies}
4. An ESP32 or Node-RED gets the folder of its team or station only: {devices}
   People who look get people/viewer, people who move outputs people/operator.
5. authority/ca.key is needed only to make certificates. Keep it to yourself.
6. A Pi is lost: take it out of line.toml. A password leaked: --renew THAT_ACCOUNT. Then run kojo derive again.
   Once the broker has the new files, the old password is worth nothing. A certificate with less than a year left is
   made anew.
7. Wiring pictures, pin tables, checklists and the parts list are in hardware/ (hardware/README.txt; no secrets).
This folder holds secrets: keep it out of Git and out of clouds.
"""
