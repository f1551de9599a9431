"""The demonstration: the story, and what the simulated Nmbrs then holds beside a table worked out by hand."""

from __future__ import annotations

import csv
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from hub.testing.shell import HUB

EXPECTED = Path(__file__).parent / "demo_expected.csv"


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    """What `hub demo --json` prints."""
    printed = subprocess.run([HUB, "demo", "--json"], check=True, capture_output=True, text=True, timeout=60)
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def test_payroll_holds_exactly_the_table_that_was_worked_out_by_hand(outcome: dict[str, Any]) -> None:
    """Per employee × code × cost centre, no row more and no row less."""
    with EXPECTED.open() as file:
        expected = {
            (row["employee"], row["kind"], row["code"], row["cost_centre"]): row["amount"]
            for row in csv.DictReader(file)
        }
    held = {
        (str(row["employee_number"]), row["kind"], str(row["code"]), row["cost_centre"] or ""): row["amount"]
        for row in outcome["remote"]["rows"]
    }
    assert held == expected
    assert len(outcome["remote"]["rows"]) == len(expected)


def test_everybody_came_in_and_every_entry_was_confirmed(outcome: dict[str, Any]) -> None:
    """Forty people; as many entries confirmed as planned."""
    assert outcome["employees_synced"] == 40
    assert outcome["entries_confirmed"] == outcome["entries_planned"] == len(outcome["remote"]["rows"])


def test_every_timecard_is_white_or_says_why_not(outcome: dict[str, Any]) -> None:
    """76 cards: 66 white, 9 left with a reason, and one that belongs to the next wage period."""
    reasons = {one["timecard"]: one["reason"] for one in outcome["timecards_left"]}
    assert outcome["timecards_exported"] == 66
    assert reasons == {
        "T-012": "written, not approved",
        "T-014": "surcharge:night-25 has no code in payroll",
        "T-015": "planned, not approved",
        "T-016": "unproductive is not exported",
        "T-018": "leave is not exported",
        "T-049": "fixed hours is not exported",
        "T-050": "fixed hours is not exported",
        "T-054": "M-34 was not in service on 2026-10-14 according to payroll",
        "T-076": "M-99 is no employee in Visma Nmbrs",
    }


def test_nothing_was_called_that_the_story_does_not_need(outcome: dict[str, Any]) -> None:
    """Never a Clear, never a call per employee to read people, nothing outside the schema."""
    remote = outcome["remote"]
    assert not [name for name in remote["calls"] if "Clear" in name]
    assert remote["departures"] == []
    assert remote["errors"] == []
    everybody = {name: count for name, count in remote["calls"].items() if "AllEmployeesByCompany" in name}
    assert max(everybody.values()) <= 8  # two administrations, read once and probed at each activation


def test_the_story_is_told_in_time_and_in_words() -> None:
    """Under 20 seconds, and a person can read it."""
    began = time.monotonic()
    told = subprocess.run([HUB, "demo"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert time.monotonic() - began < 20
    for words in ("switches nmbrs on", "40 employees", "Held: these wait for somebody", "66 timecards turned white"):
        assert words in told
