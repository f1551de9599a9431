"""The log: one JSON line per event, through the host's own logging, without personal data."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hub.logs import get_logger, strike

log = get_logger("hub.test")


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="hub.test")
    return caplog


def only(events: pytest.LogCaptureFixture) -> dict[str, Any]:
    """Return the only line that was logged, read as JSON."""
    (line,) = events.messages
    event: dict[str, Any] = json.loads(line)
    return event


# -- what is struck out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["123456782", "12345678", "1234.56.782", "123 456 782", "123.456.782"])
def test_what_may_be_a_bsn_is_struck(number: str) -> None:
    assert strike(f"person {number}, of venue 12") == "person [number], of venue 12"


@pytest.mark.parametrize("harmless", ["1234567", "1234567890", "2026-11-02", "10:30:15.123", "3101", "1.234,56"])
def test_other_numbers_stay(harmless: str) -> None:
    assert strike(f"entry {harmless} of 7") == f"entry {harmless} of 7"


@pytest.mark.parametrize("address", ["robin@example.nl", "R.van-den-Berg+x@mail.example.co.uk", "<a@b.nl>"])
def test_an_e_mail_address_is_struck(address: str) -> None:
    assert "@" not in strike(f"sent to {address} today")


@given(st.from_regex(r"[0-9]{8,9}", fullmatch=True), st.text("abc ,;:/-_=\"'(){}"), st.text("abc ,;:/-_=\"'(){}"))
def test_a_bsn_is_struck_whatever_stands_around_it(number: str, before: str, after: str) -> None:
    assert number not in strike(before + number + after)


# -- what a line holds ------------------------------------------------------------------------------------------------


def test_an_event_is_one_line_of_json_with_its_level(events: pytest.LogCaptureFixture) -> None:
    log.warning("plugin call", plugin="nmbrs", ms=1.5, ok=True, detail=None, day=date(2026, 11, 2))
    told = {"event": "plugin call", "level": "warning", "plugin": "nmbrs"}
    assert only(events) == {**told, "ms": 1.5, "ok": True, "detail": None, "day": "2026-11-02"}


def test_the_hosts_own_level_decides(events: pytest.LogCaptureFixture) -> None:
    log.debug("too much")
    assert events.messages == []


def test_the_line_goes_through_the_hosts_own_logger(events: pytest.LogCaptureFixture) -> None:
    log.warning("an event")
    assert [(one.name, one.levelname) for one in events.records] == [("hub.test", "WARNING")]


@pytest.mark.parametrize("held", ["robin@example.nl", "123456782"])
def test_every_text_of_an_event_is_struck(events: pytest.LogCaptureFixture, held: str) -> None:
    log.warning(f"about {held}", one=held, many=[held, {held: (held,)}])
    assert held not in events.text


def test_a_bsn_that_is_a_number_is_struck_and_another_number_stays_one(events: pytest.LogCaptureFixture) -> None:
    log.warning("an event", bsn=123456782, entries=12)
    assert (only(events)["bsn"], only(events)["entries"]) == ("[number]", 12)


class Person(BaseModel):
    """What must not be shown by its repr."""

    name: str


@pytest.mark.parametrize("held", [Person(name="Robin"), ValueError("Robin")], ids=lambda one: type(one).__name__)
def test_of_an_object_only_its_class_is_told(events: pytest.LogCaptureFixture, held: object) -> None:
    log.warning("an event", held=held, many=[held])
    assert only(events)["held"] == type(held).__name__
    assert "Robin" not in events.text


@pytest.mark.parametrize("how", ["exception", "given"])
def test_a_traceback_is_not_shown(events: pytest.LogCaptureFixture, how: str) -> None:
    try:
        raise ValueError("Robin")
    except ValueError as error:
        if how == "exception":
            log.exception("an event")
        else:
            log.error("an event", exc_info=error)
    assert "Robin" not in events.text
    assert "Traceback" not in events.text
