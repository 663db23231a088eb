"""What `kojo doctor` says of the store's file: one that was set aside as broken, and one that nobody serves."""

from collections.abc import Iterator
from pathlib import Path

from collector.store.duck_look import Looked
from contract.words import Words
from kojo.doctor_quarantine import of_quarantine
from kojo.findings import Finding
from kojo.sizes import size


def of_set_aside(data: Path) -> Iterator[Finding]:
    """A broken store that a start has set aside, until somebody has taken the file away."""
    found = sorted(path.name for path in data.glob("*.duckdb*.broken-*"))
    if not found:
        return
    names = ", ".join(found[:3]) + (" …" if len(found) > 3 else "")
    yield Finding(
        "bad",
        Words(
            f"保存ファイルが壊れて、脇へ置かれています({names})。その中の測定値は、今の保存ファイルにないかもしれません。",
            f"A broken store was set aside ({names}); readings in it may not be in the store that is in use.",
        ),
        Words(
            f"控えがあれば「kojo restore いちばん新しい控え --data {data} --replace」で戻してください"
            "(エージェントに残っている24時間分は送り直されます)。済んだら、または要らなければ、"
            "そのファイルを別の場所へ移すか消してください。そうするとこの知らせは出なくなります。",
            f"If there is a backup: kojo restore NEWEST-BACKUP --data {data} --replace (agents send again what they "
            "hold, 24 hours). Then, or if it is not needed, move or delete the file: it is said no more.",
        ),
    )


def of_store(looked: Looked, file: Path) -> Iterator[Finding]:
    """A store that nobody serves, looked through as the next start would."""
    if looked.damage:
        what = Words(
            f"保存ファイル {file} が壊れています({looked.damage})。", f"The store {file} is damaged: {looked.damage}"
        )
        yield Finding("bad", what, _before_the_start(file))
        return
    if looked.gone:
        names = ", ".join(looked.gone[:3]) + (" …" if len(looked.gone) > 3 else "")
        what = Words(
            f"保存ファイル {file} から、保存したはずの測定値がなくなっています({names})。",
            f"Readings that were stored are not in {file} any more ({names}).",
        )
        yield Finding("bad", what, _before_the_start(file))
    else:
        told = size(file.stat().st_size)
        yield Finding(
            "known",
            Words(f"保存ファイルは、すべて読めます({told})。", f"The store opens, and all of it can be read ({told})."),
        )
    if looked.altered:
        yield Finding(
            "bad",
            Words(
                f"{file.name} の途中の記録(journal)の一部が書きかわっています。",
                f"A part of the journal beside {file.name} was altered.",
            ),
            Words(
                "kojo serve を起動すると、そこから後は使わず、エージェントに残っている値(24時間分)が送り直されます。",
                "Start kojo serve: what stands behind it is not used, and agents send again what they hold (24 hours).",
            ),
        )
    elif looked.waiting:
        yield Finding(
            "known",
            Words(
                f"途中の記録に {looked.waiting:,} 件あります。次の起動で保存ファイルに移されます。",
                f"The journal holds {looked.waiting:,} readings; the next start moves them into the store.",
            ),
        )
    yield from of_quarantine(looked.reasons)


def _before_the_start(file: Path) -> Words:
    restore = f"kojo restore {{}} --data {file.parent} --replace"
    return Words(
        f"起動する前に、控えがあれば「{restore.format('いちばん新しい控え')}」で戻してください。"
        "なければ kojo serve を起動してください: 今のファイルは消さずに残し、読める部分を使い、"
        "エージェントに残っている値(24時間分)が送り直されます。",
        f"Before you start it, restore the newest backup: {restore.format('NEWEST-BACKUP')}. If there is none, start "
        "kojo serve: the file is kept, what can be read is used, and agents send again what they hold (24 hours).",
    )
