"""Payloads: bytes to value objects and back. What cannot be believed is a PayloadError with its reason.

Whether a station exists or a value fits its measure is not known here; `collector.ingest` judges that.
Decoding a batch of 100 readings must stay cheap (it bounds the collector), so types and order are checked by the
built-in functions over whole arrays, and values are looked at one by one only to name the wrong one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from operator import lt
from typing import Any, Never, cast

from contract.errors import Claim, PayloadError
from contract.reading import (
    MAX_DEPTH,
    MAX_NUMBER,
    MAX_TAKEN_BYTES,
    MAX_TEXT,
    NS_PER_S,
    Batch,
    ClockState,
    Series,
    Single,
    Value,
)
from contract.topics import ID, STREAM
from contract.words import Words

EARLIEST_NS = 1_577_836_800 * NS_PER_S
"""2020-01-01: an earlier time is a clock that was never set."""

_WHOLE_TYPES = {int}
_NUMBER_TYPES = {int, float}
_VALUE_TYPES = {int, float, bool, str}
_CLOCKS = {"synced", "corrected", "unsynced"}
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3])(:[0-5]\d:)([0-5]\d|60)(?:\.(\d+))?([Zz]|[+-][0-2]\d:[0-5]\d)", re.ASCII
)
_DIGITS = 400
"""A number written with more digits than any float has is too big, whatever it is; Python refuses to read it."""

READABLE_BYTES = 1 << 20
"""Of a message that is larger than a collector takes, the numbers of its readings are looked for up to this size."""


MAX_ACKS_BYTES = 4 << 20
"""A confirmation that is larger is not one: it names every stream of 30 days, so it may well exceed a batch."""


@dataclass(frozen=True, slots=True)
class Acks:
    """What a store holds for one agent: per stream and series the number up to which all is settled."""

    store: str
    streams: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def encode(batch: Batch) -> bytes:
    """A batch as agents send it."""
    told: dict[str, Any] = {"stream": batch.stream}
    if batch.agent is not None:
        told["agent"] = batch.agent
    told["seq"] = batch.seq
    if batch.lowest is not None:
        told["from"] = batch.lowest
    told |= {"t": list(batch.t), "v": list(batch.v), "clock": batch.clock}
    if batch.sent is not None:
        told["sent"] = batch.sent
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def decode(payload: bytes, series: Series) -> Batch | Single:
    """The batch or single reading in a payload published for ``series``.

    Raises PayloadError; its ``claim`` says what a batch that cannot be believed holds, where that could still be read.
    """
    try:
        said = _parse(payload)
    except PayloadError as error:
        error.claim = _claim(_parse_anyhow(payload))
        raise
    if not isinstance(said, dict):
        return Single(series, _value(said))
    if "stream" in said or "seq" in said:
        try:
            return _batch(said, series)
        except PayloadError as error:
            error.claim = _claim(said)
            raise
    if "v" not in said:
        raise PayloadError("no_value", Words("値 v がありません。", "There is no value v."))
    return Single(series, _value(said["v"]), _single_time(said["t"]) if "t" in said else None)


def encode_acks(acks: Acks) -> bytes:
    """A confirmation as the collector publishes it."""
    return json.dumps({"store": acks.store, "streams": acks.streams}, separators=(",", ":")).encode()


def decode_acks(payload: bytes) -> Acks:
    """A confirmation as the agent hears it. Raises PayloadError, which says how large it was: all of it is refused."""
    try:
        said = _parse(payload, MAX_ACKS_BYTES)
        if not isinstance(said, dict):
            _refuse("acks", "形が違います。", "It has not the shape of one.")
        store, streams = said.get("store"), said.get("streams")
        if not isinstance(store, str) or not STREAM.fullmatch(store):
            _refuse("acks", "保存先の id の形が違います。", "store is not the id of a store.")
        if not isinstance(streams, dict):
            _refuse("acks", "streams がありません。", "There are no streams.")
        for stream, numbers in streams.items():
            if not STREAM.fullmatch(stream) or not isinstance(numbers, dict):
                _refuse("acks", "stream の形が違います。", "A stream is not one.")
            _check_confirmed(numbers)
    except PayloadError as error:
        raise PayloadError(
            error.reason,
            Words(
                f"確認メッセージ({len(payload)} バイト)は読めないため、使いません: {error.what.ja}",
                f"A confirmation of {len(payload)} bytes cannot be believed and is not used: {error.what.en}",
            ),
        ) from error
    return Acks(store, streams)


def _check_confirmed(numbers: dict[str, Any]) -> None:
    if not set(map(type, numbers.values())) <= _WHOLE_TYPES:
        _refuse("acks", "番号が整数ではありません。", "A confirmed number is not whole.")
    if numbers and not (min(numbers.values()) >= 0 and max(numbers.values()) <= MAX_NUMBER):
        _refuse("acks", "番号が 0 から 2^53 の間にありません。", "A confirmed number is not from 0 to 2^53.")
    if any("\ud800" <= letter <= "\udfff" for name in numbers if not name.isascii() for letter in name):
        _refuse("acks", "文字ではない符号があります。", "It holds half a character.")


def _constant(name: str) -> Never:
    raise PayloadError("not_finite", Words(f"{name} は数ではありません。", f"{name} is not a number."))


_DECODER = json.JSONDecoder(parse_constant=_constant)
_LENIENT = json.JSONDecoder(
    parse_constant=lambda _: None, parse_int=lambda digits: int(digits) if len(digits) < _DIGITS else None
)


def _parse(payload: bytes, at_most: int = MAX_TAKEN_BYTES) -> Any:
    if len(payload) > at_most:
        kib = at_most // 1024
        raise PayloadError("too_large", Words(f"{kib} KiB を超えています。", f"It is larger than {kib} KiB."))
    if not payload:
        raise PayloadError("empty", Words("中身がありません。", "The payload is empty."))
    if payload.startswith(b"\xef\xbb\xbf"):
        raise PayloadError("byte_order_mark", Words("先頭に BOM があります。", "It begins with a byte order mark."))
    try:
        said = _DECODER.decode(payload.decode("utf-8"))
    except PayloadError:
        raise
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        if "integer string conversion" in str(error):
            raise _too_big() from error
        raise PayloadError("not_json", Words("JSON として読めません。", f"It is not JSON: {error}.")) from error
    if payload.count(b"[") + payload.count(b"{") > MAX_DEPTH and _depth(said) > MAX_DEPTH:
        raise _too_deep()
    return said


def _too_deep() -> PayloadError:
    return PayloadError("too_deep", Words("入れ子が16段を超えています。", "It is nested deeper than 16."))


def _too_big() -> PayloadError:
    return PayloadError("too_big", Words("値が 2^53 を超えます。", "A value goes beyond 2^53."))


def _parse_anyhow(payload: bytes) -> Any:
    """What can still be read of a payload that is not believed; None where nothing can."""
    if len(payload) > READABLE_BYTES:
        return None
    try:
        return _LENIENT.decode(payload.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _depth(said: Any) -> int:
    deepest, level = 0, [said]
    while level:
        nested = [part for part in level if isinstance(part, (dict, list))]
        deepest += bool(nested)
        level = [child for part in nested for child in (part.values() if isinstance(part, dict) else part)]
        level = [child for child in level if isinstance(child, (dict, list))]
    return deepest


def _batch(said: dict[str, Any], series: Series) -> Batch:
    t, v, stream, seq = said.get("t"), said.get("v"), said.get("stream"), said.get("seq")
    if not isinstance(stream, str) or not STREAM.fullmatch(stream):
        _refuse("stream", "stream の形が違います。", "stream is not the name of a stream.")
    if type(seq) is not int or not 1 <= seq <= MAX_NUMBER:
        _refuse("seq", "seq は1以上の整数です。", "seq must be a whole number from 1.")
    if not isinstance(t, list) or not isinstance(v, list) or len(t) != len(v) or not t:
        _refuse(
            "arrays", "t と v は同じ長さの、空でない配列です。", "t and v must be arrays of the same length, not empty."
        )
    if seq + len(t) - 1 > MAX_NUMBER:
        _refuse("seq", "番号が 2^53 を超えます。", "A number goes beyond 2^53.")
    if set(map(type, t)) != _WHOLE_TYPES:
        _refuse("time", "t は整数のナノ秒です。", "t must be whole nanoseconds.")
    if not all(map(lt, t, islice(t, 1, None))):
        _refuse("time_order", "t が増えていません。", "t does not increase.")
    agent = said.get("agent")
    if agent is not None and not (isinstance(agent, str) and ID.fullmatch(agent)):
        _refuse("agent", "agent の形が違います。", "agent is not the id of an agent.")
    lowest = said.get("from")
    if "from" in said and (type(lowest) is not int or not 1 <= lowest <= MAX_NUMBER):
        _refuse("from", "from は1以上の整数です。", "from must be a whole number from 1.")
    clock, sent = said.get("clock"), said.get("sent")
    if not isinstance(clock, str) or clock not in _CLOCKS:
        _refuse(
            "clock",
            "clock は synced, corrected, unsynced のどれかです。",
            "clock must be synced, corrected or unsynced.",
        )
    if clock == "unsynced" and type(sent) is not int:
        _refuse("sent", "unsynced には整数の sent が要ります。", "unsynced needs a whole number sent.")
    _check_values(v)
    return Batch(
        series, stream, seq, t, v, cast(ClockState, clock), agent, lowest, sent if clock == "unsynced" else None
    )


def _refuse(reason: str, ja: str, en: str) -> Never:
    raise PayloadError(reason, Words(ja, en))


def _claim(said: Any) -> Claim | None:
    """What a batch that is not believed says it holds, as far as it can be read; None where there is no stream."""
    if not isinstance(said, dict):
        return None
    stream, seq, agent, lowest = said.get("stream"), said.get("seq"), said.get("agent"), said.get("from")
    if not isinstance(stream, str) or not STREAM.fullmatch(stream):
        return None
    many = max((len(array) for array in (said.get("t"), said.get("v")) if isinstance(array, list)), default=0)
    if type(seq) is not int or not 1 <= seq <= MAX_NUMBER or seq + many - 1 > MAX_NUMBER:
        seq, many = 1, 0
    return Claim(
        stream,
        seq,
        many,
        agent if isinstance(agent, str) and ID.fullmatch(agent) else None,
        lowest if type(lowest) is int and 1 <= lowest <= MAX_NUMBER else None,
    )


def _check_values(v: list[Any]) -> None:
    if set(map(type, v)) <= _NUMBER_TYPES:
        if max(v) > MAX_NUMBER or min(v) < -MAX_NUMBER:
            raise _too_big()
        return
    for value in v:
        _value(value)


def _value(value: Any) -> Value:
    if type(value) not in _VALUE_TYPES:
        raise PayloadError(
            "wrong_kind", Words("値は数・真偽・文字列です。", "A value is a number, true, false or text.")
        )
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise PayloadError("long_text", Words("256 文字を超えています。", "It is longer than 256 characters."))
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise PayloadError("not_json", Words("文字ではない符号があります。", "It holds half a character."))
        return value
    if not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise _too_big()
    return cast(Value, value)


def _single_time(t: Any) -> int:
    if type(t) is int:
        return t
    if isinstance(t, str) and (match := _RFC3339.fullmatch(t)):
        day, hour, minute, second, fraction, zone = match.groups()
        leap = second == "60"
        try:
            whole = datetime.fromisoformat(
                f"{day}T{hour}{minute}{'59' if leap else second}{'+00:00' if zone in 'Zz' else zone}"
            )
        except ValueError:
            pass
        else:
            return (int(whole.timestamp()) + leap) * NS_PER_S + int((fraction or "0")[:9].ljust(9, "0"))
    raise PayloadError(
        "time", Words("t は整数のナノ秒か、時差付きの時刻です。", "t is whole nanoseconds, or a time with its offset.")
    )
