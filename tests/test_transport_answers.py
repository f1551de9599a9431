"""What an answer must be to be taken: agreed on, whole and of bearable size; and how long it asks to wait."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.answers import PIECE, Spoilt, check_head, retry_after, whole

XML = {"content-type": "text/xml", "content-length": "1"}
PACKED = {"content-encoding": "gzip"}
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
LATER = "Wed, 21 Oct 2026 07:29:30 GMT"


def unpacked(pieces: Iterable[bytes], max_bytes: int = 1 << 30) -> list[bytes]:
    return list(whole(pieces, 200, PACKED, ("text/xml",), max_bytes))


# -- packed bodies ----------------------------------------------------------------------------------------------------


@given(body=st.binary(min_size=1, max_size=500), times=st.integers(1, 500), step=st.integers(1, 4096))
def test_a_packed_body_comes_out_as_it_went_in_however_it_is_split(body: bytes, times: int, step: int) -> None:
    packed = gzip.compress(body * times)
    pieces = unpacked(packed[start : start + step] for start in range(0, len(packed), step))
    assert b"".join(pieces) == body * times
    assert max(map(len, pieces)) <= PIECE


@given(body=st.binary(max_size=2000), data=st.data())
def test_a_packed_body_that_is_cut_off_anywhere_is_refused(body: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(body)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(Spoilt, match="cut off"):
        unpacked([packed[:cut]])


def test_a_packed_body_with_something_behind_it_is_refused() -> None:
    with pytest.raises(Spoilt, match="after the end"):
        unpacked([gzip.compress(b"body") + b"more"])


def test_a_packed_body_that_was_damaged_is_refused() -> None:
    packed = bytearray(gzip.compress(b"body"))
    packed[-5] ^= 1  # in its checksum
    with pytest.raises(zlib.error):
        unpacked([bytes(packed)])


def test_what_packs_nothing_for_ever_meets_the_limit_too() -> None:
    """Empty stored blocks make a stream that grows while nothing comes out of it."""
    nothing = [gzip.compress(b"")[:10], *([b"\x00\x00\x00\xff\xff"] * 100)]
    with pytest.raises(Spoilt, match="more than the 400 bytes"):
        unpacked(nothing, max_bytes=400)


# -- heads ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", ["br", "deflate", "zstd", "gzip, gzip", "compress"])
def test_a_packing_that_was_not_asked_for_is_refused(packing: str) -> None:
    with pytest.raises(Spoilt, match="packed"):
        check_head(200, XML | {"content-encoding": packing}, ("text/xml",), (200,))


@pytest.mark.parametrize("packing", ["", "identity", "gzip", "GZIP"])
def test_a_packing_that_was_asked_for_is_taken(packing: str) -> None:
    check_head(200, XML | {"content-encoding": packing}, ("text/xml",), (200,))


@given(st.integers(300, 399))
def test_a_redirect_is_refused_even_where_its_status_is_listed(status: int) -> None:
    with pytest.raises(Spoilt, match="no usable answer"):
        check_head(status, XML, ("text/xml",), (200, status))


@pytest.mark.parametrize("kind", ["text/html", "", "text/xmlish", "application/xhtml+xml"])
def test_a_kind_of_content_that_was_not_asked_for_is_refused(kind: str) -> None:
    with pytest.raises(Spoilt, match="another kind"):
        check_head(200, XML | {"content-type": kind}, ("text/xml",), (200,))


# -- how long to wait -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "0"}, 0),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": LATER, "date": DATE}, 90),
        ({"retry-after": DATE, "date": LATER}, 0),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "soon"}, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_without_the_answers_own_date_is_measured_by_our_clock() -> None:
    assert retry_after({"retry-after": "Wed, 21 Oct 1998 07:28:00 GMT"}) == 0


TEXT = st.text() | st.from_regex(r"[A-Za-z]{3}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d+:\d+:\d+ ([+-]\d{1,6}|GMT)")


@given(value=TEXT, date=TEXT)
def test_retry_after_never_fails_and_never_goes_back_in_time(value: str, date: str) -> None:
    seconds = retry_after({"retry-after": value, "date": date})
    assert seconds is None or 0 <= seconds < math.inf
