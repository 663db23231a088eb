"""The options of the commands that run the kit: demo, edge, serve, collect, kpi, pair."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from contract.words import Words
from kojo.ending import asked_to_end
from kojo.options import data_option, http_option, line_option, new_command

if TYPE_CHECKING:
    from kojo.options import Subparsers


def demo(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo demo``."""

    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.demo import demo

        return demo(asked.data, asked.http, asked.seed, asked.days, end, asked.line)

    title = Words("仮想の現場で一式を動かす(実物なし)", "the whole kit on a virtual floor, no hardware")
    command = new_command(commands, everyone, "demo", title, run)
    own = Words("自分の line.toml で(省くと洗浄ライン)", "a line.toml of your own (else the washing line)")
    command.add_argument("--line", type=Path, metavar="line.toml", help=str(own))
    data_option(command, "demo-data")
    http_option(command)
    command.add_argument("--seed", type=int, default=1, help=str(Words("乱数の種", "seed of the virtual floor")))
    command.add_argument(
        "--days", type=int, default=28, help=str(Words("作る履歴の日数(既定 28)", "days of history (default 28)"))
    )


def edge(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo edge``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.edge import edge

        return edge(asked.line, asked.agent, asked.data, asked.bench_page)

    title = Words("Pi の上でセンサーを読んで送る", "the agent: reads sensors on a Pi and publishes")
    command = new_command(commands, everyone, "edge", title, run)
    line_option(command)
    command.add_argument("--agent", required=True, metavar="ID", help=str(Words("この Pi の名前", "this Pi's id")))
    data_option(command)
    page = Words("練習台のページの番地。off で出さない", "address of the bench's page; off: none")
    command.add_argument("--bench-page", metavar="HOST:PORT", help=str(page))


def serve(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo serve``."""

    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.serve import serve

        return serve(asked.line, asked.data, asked.http, end)

    title = Words("受信・保存・KPI・ページをまとめて動かす", "collector, KPI service and pages in one process")
    command = new_command(commands, everyone, "serve", title, run)
    line_option(command)
    data_option(command)
    http_option(command)


def collect(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo collect``."""

    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.collect import collect

        return collect(asked.line, asked.data, asked.share, end)

    title = Words("受信と保存だけ(保存先がサーバーのとき)", "the collecting half alone, where the store is a server")
    command = new_command(commands, everyone, "collect", title, run)
    line_option(command)
    data_option(command)
    command.add_argument(
        "--share",
        action="store_true",
        help=str(
            Words(
                "何台かの kojo collect で分担する(MQTT 5。全部に付ける)",
                "one of several that share the messages (MQTT 5; say it to all of them)",
            )
        ),
    )


def kpi(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo kpi``."""

    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.kpi import kpi

        return kpi(asked.line, asked.data, asked.http, end)

    title = Words(
        "KPI とページだけ(保存先がサーバーのとき)", "KPI service and pages alone, where the store is a server"
    )
    command = new_command(commands, everyone, "kpi", title, run)
    line_option(command)
    data_option(command)
    http_option(command)


def pair(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo pair``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.pair import pair

        return pair(asked.data, asked.http, asked.role, asked.out)

    title = Words("スマホや壁の画面を仲間入りさせる QR コード(1回、10分)", "a QR code by which a phone or a wall joins")
    command = new_command(commands, everyone, "pair", title, run)
    data_option(command)
    command.add_argument(
        "--http",
        metavar="HOST:PORT",
        help=str(Words("ページの番地(既定 kojo serve の番地)", "address of the pages (default where kojo serve is)")),
    )
    command.add_argument(
        "--out", type=Path, metavar="FILE", help=str(Words("QR コードの絵 .svg .png", "the code as .svg or .png"))
    )
    command.add_argument(
        "--role",
        choices=["operator", "viewer"],
        default="operator",
        help=str(Words("操作もする operator、見るだけ viewer", "operator may change things, viewer may look")),
    )
