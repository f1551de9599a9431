"""Long uploads go into the store a batch at a time, and yet whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hub.access import new_key
from hub.api.serving import serving
from hub.intake.cells import Cells
from hub.intake.keep import BATCH
from hub.intake.reading import MAX_ERRORS, Row, Sieve
from hub.store.companies import Audit
from hub.store.people import Timecard
from hub.testing.host import Host
from hub.testing.paper import PaperCompany

MANY = 2 * BATCH + 500


@pytest.fixture
def host(paper: PaperCompany) -> Iterator[Host]:
    with serving(paper.hub) as address:
        yield Host(address, new_key(paper.hub.store, "platform", ["hours"]))


def line(number: int, **more: Any) -> str:
    start, end = "2026-10-05T08:00", "2026-10-05T16:00"
    return json.dumps({"id": f"t{number}", "member": "m1", "start": start, "end": end, "status": "approved", **more})


def lines(*last: str) -> str:
    return "\n".join([*(line(number) for number in range(MANY)), *last])


def test_batches_add_up_to_one_upload(host: Host, paper: PaperCompany) -> None:
    """Every card is stored once, in one transaction with one line in the trail; the same again changes nothing."""
    assert host.upload("/companies/acme/timecards", lines())["new"] == MANY
    assert host.upload("/companies/acme/timecards", lines())["unchanged"] == MANY
    assert len(paper.rows(Timecard)) == MANY
    stored = [one.detail["new"] for one in paper.rows(Audit) if one.action == "timecards stored"]
    assert stored == [MANY, 0]


def test_a_wrong_row_after_the_last_batch_undoes_all_with_strict(host: Host, paper: PaperCompany) -> None:
    """What went before it is taken back; without `strict` only that row is left out."""
    wrong = lines(line(MANY, end="yesterday"))
    told = host.upload("/companies/acme/timecards?strict=true", wrong, 422)
    assert [one["line"] for one in told["rows"]] == [MANY + 1]
    assert paper.rows(Timecard) == []
    assert [one["line"] for one in host.upload("/companies/acme/timecards", wrong)["wrong"]] == [MANY + 1]
    assert len(paper.rows(Timecard)) == MANY


def test_an_id_that_comes_again_in_a_later_batch_is_told_by_line(host: Host, paper: PaperCompany) -> None:
    """The first is stored; the second is wrong, as it is within one batch."""
    (told,) = host.upload("/companies/acme/timecards", lines(line(0, end="2026-10-05T17:00")))["wrong"]
    assert (told["line"], "line 1" in told["reason"]) == (MANY + 1, True)
    assert len(paper.rows(Timecard)) == MANY


def test_too_many_wrong_rows_undo_all(host: Host, paper: PaperCompany) -> None:
    """A file of another sort after a good beginning: nothing of it stays."""
    wrong = "\n".join("{}" for _ in range(MAX_ERRORS))
    assert len(host.upload("/companies/acme/timecards", lines(wrong), 422)["rows"]) == MAX_ERRORS
    assert paper.rows(Timecard) == []


def test_a_sieve_holds_no_row_that_went_by() -> None:
    """It asks for the next row only when the one before was taken."""
    asked: list[int] = []

    def rows() -> Iterator[Row]:
        for number in range(1, 4):
            asked.append(number)
            yield Row(number, Cells({"id": str(number)}))

    taken = iter(Sieve(rows(), lambda row: row.cells.text("id"), lambda one: one))
    assert (next(taken), asked) == ("1", [1])
    assert (list(taken), asked) == (["2", "3"], [1, 2, 3])
