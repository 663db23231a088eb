"""Payloads to value objects and back: what is believed, what is not and why, what can be read of it all the same."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import Claim, PayloadError
from contract.payload import MAX_ACKS_BYTES, READABLE_BYTES, Acks, decode, decode_acks, encode, encode_acks
from contract.reading import MAX_NUMBER, MAX_TAKEN_BYTES, MAX_TEXT, Batch, Series, Single

SERIES = Series("washer", "done", "count")
T = 1_795_000_000_000_000_000
GOOD: dict[str, Any] = {
    "stream": "6b1f0c", "agent": "pi-1", "seq": 1041, "from": 1001, "t": [T, T + 1], "v": [412, 413], "clock": "synced",
}  # fmt: skip
CLAIM = Claim("6b1f0c", 1041, 2, "pi-1", 1001)


def said(**change: Any) -> bytes:
    """The good batch with some of its keys changed; ``...`` leaves one out."""
    told = {key: value for key, value in (GOOD | change).items() if value is not ...}
    return json.dumps(told).encode()


def refusal(payload: bytes) -> PayloadError:
    with pytest.raises(PayloadError) as refused:
        decode(payload, SERIES)
    return refused.value


def single(payload: bytes) -> Single:
    found = decode(payload, SERIES)
    assert isinstance(found, Single)
    return found


# ---------------------------------------------------------------------- batches


def test_the_batch_of_the_contract() -> None:
    text = (
        b'{"stream":"6b1f0c","agent":"pi-1","seq":1041,"from":1001,'
        b'"t":[1795000000000000000,1795000001000000000],"v":[412,413],"clock":"synced"}'
    )
    batch = decode(text, SERIES)
    assert batch == Batch(
        SERIES, "6b1f0c", 1041, [T, T + 10**9], [412, 413], "synced", agent="pi-1", lowest=1001, sent=None
    )
    assert isinstance(batch, Batch)
    assert (batch.last, encode(batch)) == (1042, text)


@given(
    st.from_regex(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", fullmatch=True),
    st.integers(1, MAX_NUMBER - 8),
    st.lists(
        st.one_of(st.booleans(), st.integers(-MAX_NUMBER, MAX_NUMBER), st.text(max_size=9)), min_size=1, max_size=8
    ),
    st.one_of(st.none(), st.integers(1, MAX_NUMBER)),
    st.sampled_from(["synced", "corrected", "unsynced"]),
)
def test_what_an_agent_encodes_a_collector_decodes(
    stream: str, seq: int, v: list[Any], lowest: int | None, clock: Any
) -> None:
    sent = T if clock == "unsynced" else None
    batch = Batch(SERIES, stream, seq, [T + n for n in range(len(v))], v, clock, None, lowest, sent)
    assert decode(encode(batch), SERIES) == batch


@pytest.mark.parametrize(
    "payload",
    [
        said(agent=...), said(**{"from": ...}), said(more={"x": [1]}), said(sent=5), said(clock="corrected"),
        said(seq=1), said(seq=MAX_NUMBER - 1), said(v=[MAX_NUMBER, -MAX_NUMBER]), said(v=[-0.0, 1e-300]),
        said(v=["x" * MAX_TEXT, "😀" * MAX_TEXT]), said(clock="unsynced", sent=-5, t=[-9, 10**40]),
        said(stream="0" * 64), b" \n" + said() + b"\n",
        said()[:-1] + b',"seq":1041}', b'{"v":"twice",' + said()[1:],
        said(more=[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]), said(more="[" * 1000),
    ],
)  # fmt: skip
def test_what_is_believed(payload: bytes) -> None:
    assert isinstance(decode(payload, SERIES), Batch)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (said(t=[T]), "arrays"),
        (said(v=[1, 2, 3]), "arrays"),
        (said(t=None), "arrays"),
        (said(t=..., v=[1, 2]), "arrays"),
        (said(v={"0": 1}), "arrays"),
        (said(t=[T, T]), "time_order"),
        (said(t=[T + 1, T]), "time_order"),
        (said(t=[T, T + 1.0]), "time"),
        (said(t=[T, None]), "time"),
        (said(t=[True, T]), "time"),
        (said(t=["2026-11-18T10:00:00+09:00", "2026-11-18T10:00:01+09:00"]), "time"),
        (said().replace(b"1795000000000000000", b"1.795e18"), "time"),
        (said().replace(b"1795000000000000000", b"1795000000000000000.5"), "time"),
        (said(v=[1, None]), "wrong_kind"),
        (said(v=[1, [1]]), "wrong_kind"),
        (said(v=[1, {}]), "wrong_kind"),
        (said(v=[1, MAX_NUMBER + 1]), "too_big"),
        (said(v=[-MAX_NUMBER - 1, 1]), "too_big"),
        (said(v=[True, MAX_NUMBER + 1]), "too_big"),
        (said(v=["x", "x" * 257]), "long_text"),
        (said().replace(b"413", b'"\\ud800"'), "not_json"),
        (said().replace(b"413", b"NaN"), "not_finite"),
        (said().replace(b"413", b"-Infinity"), "not_finite"),
        (said().replace(b"413", b"1E400"), "too_big"),
        (said().replace(b"413", b"-1e999"), "too_big"),
        (said().replace(b"413", b"9" * 5000), "too_big"),
        (said(v=["\udcff", "x"]), "not_json"),
        (said().replace(b"413", b'"\xff"'), "not_json"),
        (said(clock=...), "clock"),
        (said(clock=None), "clock"),
        (said(clock="fast"), "clock"),
        (said(clock=["synced"]), "clock"),
        (said(clock="unsynced"), "sent"),
        (said(clock="unsynced", sent=1.0), "sent"),
        (said(clock="unsynced", sent=None), "sent"),
        (said(more=[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]), "too_deep"),
        (b"\xef\xbb\xbf" + said(), "byte_order_mark"),
        (said(more="x" * MAX_TAKEN_BYTES), "too_large"),
    ],
)
def test_what_is_not_believed_still_says_whose_it_is_and_which_numbers_it_holds(payload: bytes, reason: str) -> None:
    error = refusal(payload)
    assert error.reason == reason
    claim = CLAIM if reason != "arrays" or b'"v": [1, 2, 3]' not in payload else Claim("6b1f0c", 1041, 3, "pi-1", 1001)
    assert error.claim == (claim if b'"t": [1795000000000000000]' not in payload else CLAIM)
    assert error.what.ja
    assert error.what.en


@pytest.mark.parametrize(
    ("payload", "reason", "claim"),
    [
        (said(agent="PI 1"), "agent", Claim("6b1f0c", 1041, 2, None, 1001)),
        (said(agent=7), "agent", Claim("6b1f0c", 1041, 2, None, 1001)),
        (said(**{"from": 0}), "from", Claim("6b1f0c", 1041, 2, "pi-1")),
        (said(**{"from": None}), "from", Claim("6b1f0c", 1041, 2, "pi-1")),
        (said(**{"from": 1.0}), "from", Claim("6b1f0c", 1041, 2, "pi-1")),
        (said(**{"from": MAX_NUMBER + 1}), "from", Claim("6b1f0c", 1041, 2, "pi-1")),
        (said(t=[], v=[]), "arrays", Claim("6b1f0c", 1041, 0, "pi-1", 1001)),
        (said(t=5, v=5), "arrays", Claim("6b1f0c", 1041, 0, "pi-1", 1001)),
        (said(seq=0), "seq", Claim("6b1f0c", 1, 0, "pi-1", 1001)),
        (said(seq=1.0), "seq", Claim("6b1f0c", 1, 0, "pi-1", 1001)),
        (said(seq=True), "seq", Claim("6b1f0c", 1, 0, "pi-1", 1001)),
        (said(seq=MAX_NUMBER), "seq", Claim("6b1f0c", 1, 0, "pi-1", 1001)),
        (said(seq=...), "seq", Claim("6b1f0c", 1, 0, "pi-1", 1001)),
        (said(stream=...), "stream", None),
        (said(stream=""), "stream", None),
        (said(stream="-a"), "stream", None),
        (said(stream="0" * 65), "stream", None),
        (said(stream="洗浄"), "stream", None),
        (said()[:-1], "not_json", None),
        (said(more="x" * READABLE_BYTES), "too_large", None),
    ],
)
def test_of_a_broken_head_only_what_is_legal_is_read(payload: bytes, reason: str, claim: Claim | None) -> None:
    error = refusal(payload)
    assert (error.reason, error.claim) == (reason, claim)


def test_the_largest_message_taken_is_exactly_256_kib_and_may_hold_more_than_a_thousand_readings() -> None:
    many = json.dumps(GOOD | {"t": list(range(T, T + 5000)), "v": [1] * 5000})
    padded = many[:-1] + ',"more":"' + "x" * (MAX_TAKEN_BYTES - len(many) - 10) + '"}'
    assert len(padded) == MAX_TAKEN_BYTES == 262_144
    batch = decode(padded.encode(), SERIES)
    assert isinstance(batch, Batch)
    assert len(batch.t) == 5000
    assert refusal(padded.encode() + b" ").reason == "too_large"


# ---------------------------------------------------------------------- singles


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b"23.5", 23.5), (b" 23.5\n", 23.5), (b"true", True), (b'"changeover"', "changeover"), (b'{"v":23.5}', 23.5),
        (b'{"v":"","unit":"g"}', ""), (b'"\\u0000"', "\0"), (b"-0.0", 0.0), (b"9007199254740992", MAX_NUMBER),
        (b'"\\ud83d\\ude00"', "😀"),
    ],
)  # fmt: skip
def test_a_single_is_a_value_or_an_object_with_one(payload: bytes, value: Any) -> None:
    assert single(payload) == Single(SERIES, value)


@pytest.mark.parametrize(
    ("t", "ns"),
    [
        ("1795000000000000000", T),
        ('"2026-11-18T10:06:40Z"', 1_794_996_400 * 10**9),
        ('"2026-11-18t10:06:40z"', 1_794_996_400 * 10**9),
        ('"2026-11-18 19:06:40+09:00"', 1_794_996_400 * 10**9),
        ('"2026-11-18T10:06:40.5-00:00"', 1_794_996_400 * 10**9 + 500_000_000),
        ('"2026-11-18T10:06:40.123456789+00:00"', 1_794_996_400 * 10**9 + 123_456_789),
        ('"2026-11-18T10:06:40.1234567899999+00:00"', 1_794_996_400 * 10**9 + 123_456_789),
        ('"2016-12-31T23:59:60Z"', 1_483_228_800 * 10**9),
        ('"0001-01-01T00:00:00+09:00"', -62_135_629_200 * 10**9),
        ('"9999-12-31T23:59:59-09:00"', 253_402_333_199 * 10**9),
    ],
)
def test_a_single_may_say_its_time(t: str, ns: int) -> None:
    assert single(f'{{"v":1,"t":{t}}}'.encode()).t == ns


@pytest.mark.parametrize(
    "t",
    [
        "null", "1e18", "1795000000000000000.0", "true", '"1795000000000000000"', '"2026-11-18T10:00:00"',
        '"2026-11-18"', '"2026-11-18T10:00Z"', '"2026-11-18T10:00:00+0900"', '"2026-11-18T10:00:00+09"',
        '"2026-11-18T24:00:00Z"', '"2026-02-30T10:00:00Z"', '"2026-11-18T10:00:00+24:00"',
        '"2026-11-18T10:00:00+09:60"', '"2026-11-18T10:60:00Z"', '"2026-11-18T10:00:00.Z"',
        '"２０２６-11-18T10:00:00Z"', '" 2026-11-18T10:00:00Z"',
        '""', "[]", "{}",
    ],
)  # fmt: skip
def test_a_time_that_is_not_whole_nanoseconds_nor_rfc_3339_with_its_offset_is_not_believed(t: str) -> None:
    assert refusal(f'{{"v":1,"t":{t}}}'.encode()).reason == "time"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"), (b" ", "not_json"), (b"warm", "not_json"), (b"23.5 C", "not_json"), (b"\x00", "not_json"),
        (b"\xff\xfe1\x00", "not_json"), (b"null", "wrong_kind"), (b"[1]", "wrong_kind"), (b"{}", "no_value"),
        (b'{"v":null}', "wrong_kind"), (b'{"v":{}}', "wrong_kind"), (b"NaN", "not_finite"), (b"Infinity", "not_finite"),
        (b"1E400", "too_big"), (b"9" * 5000, "too_big"), (b"9007199254740993", "too_big"),
        (b"\xef\xbb\xbf1", "byte_order_mark"),
        (b"[" * 5000, "too_deep"), (b"[" * 17 + b"]" * 17, "too_deep"), (b"[" * 16 + b"]" * 16, "wrong_kind"),
        (b'{"v":"' + b"x" * 257 + b'"}', "long_text"), (b'"\\udc00"', "not_json"), (b"1" * 262_145, "too_large"),
        (b'{"v":1,"x":NaN}', "not_finite"), (b"'1'", "not_json"), (b"01", "not_json"), (b"+1", "not_json"),
        (b'{"v":1}{"v":2}', "not_json"),
    ],
)  # fmt: skip
def test_a_single_that_is_not_believed_says_why(payload: bytes, reason: str) -> None:
    error = refusal(payload)
    assert (error.reason, error.claim) == (reason, None)


# ---------------------------------------------------------------------- confirmations


def test_a_confirmation_as_the_contract_writes_it() -> None:
    acks = Acks("0195f3", {"6b1f0c": {"washer/done/count": 1140}})
    assert encode_acks(acks) == b'{"store":"0195f3","streams":{"6b1f0c":{"washer/done/count":1140}}}'
    assert decode_acks(encode_acks(acks)) == acks
    assert encode_acks(Acks("0195f3")) == b'{"store":"0195f3","streams":{}}'


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"[]", b"{}", b'{"store":5,"streams":{}}', b'{"store":"a","streams":[]}',
        b'{"store":"a","streams":{"s":5}}',
        b'{"store":"a","streams":{"s":{"a/b/c":"5"}}}', b'{"store":"a","streams":{"s":{"a/b/c":5.0}}}', b"\xff",
        b'{"store":"a","streams":{"s":{"a/b/c":true}}}', b'{"store":"a","streams":{"s":{"a/b/c":-1}}}',
        b'{"store":"a","streams":{"s":{"a/b/c":9007199254740993}}}',
        b'{"store":"a","streams":{"good":{"a/b/c":1},"s":{"a/b/c":-1000000000000000000000000000000}}}',
        b'{"store":"a","streams":{"s":{"a/b/c":1' + b"0" * 5000 + b"}}}",
        b'{"store":"\\ud800","streams":{}}', b'{"store":"","streams":{}}', b'{"store":"-a","streams":{}}',
        b'{"store":"' + b"a" * 65 + b'","streams":{}}', b'{"store":"a","streams":{"\\ud800":{}}}',
        b'{"store":"a","streams":{"s":{"\\ud800/b/c":1}}}', b'{"store":"a","streams":{"s":{"a/b/c":NaN}}}',
    ],
)  # fmt: skip
def test_what_is_no_confirmation_confirms_nothing(payload: bytes) -> None:
    with pytest.raises(PayloadError):
        decode_acks(payload)


def test_the_whole_range_of_numbers_and_names_of_other_programs_is_confirmed() -> None:
    acks = Acks("a" * 64, {"S_1-x": {"washer/done/count": 0, "洗浄機/done/count": MAX_NUMBER}, "empty": {}})
    assert decode_acks(encode_acks(acks)) == acks


def test_a_confirmation_of_many_streams_may_be_larger_than_a_batch() -> None:
    acks = Acks("0195f3", {f"{n:016x}": {f"washer/s{s}/temperature": n for s in range(10)} for n in range(8000)})
    payload = encode_acks(acks)
    assert 9 * MAX_TAKEN_BYTES < len(payload) < MAX_ACKS_BYTES == 4_194_304
    assert decode_acks(payload) == acks
    decode_acks(payload.ljust(MAX_ACKS_BYTES))


def test_a_confirmation_that_is_refused_is_said_with_its_size() -> None:
    with pytest.raises(PayloadError) as caught:
        decode_acks(b" " * (MAX_ACKS_BYTES + 1))
    assert caught.value.reason == "too_large"
    assert (
        caught.value.say("ja") == "確認メッセージ(4194305 バイト)は読めないため、使いません: 4096 KiB を超えています。"
    )
    assert caught.value.say("en") == (
        "A confirmation of 4194305 bytes cannot be believed and is not used: It is larger than 4096 KiB."
    )
