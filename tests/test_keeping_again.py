"""What is kept for a correction that is still to go out, and what a removal leaves in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from hub.errors import InputError
from hub.intake.contracts import HostContract
from hub.intake.reading import Reading
from hub.intake.shapes import Deletion, Timecard
from hub.models import ContractType
from hub.opened import Connections, connections_of
from hub.process import Process
from hub.store.people import TeamMember
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, Company, card, ledger_company, set_up
from hub.testing.paper import PaperCompany, clock, paper, person  # noqa: F401 - fixtures

# -- BSNs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def gone(paper: PaperCompany, clock: FakeClock) -> PaperCompany:  # noqa: F811
    """Return a company whose m1 left after payroll imported a timecard, long enough ago to erase a BSN."""
    contract = HostContract(
        start=date(2026, 1, 1), end=date(2026, 10, 31), payroll="paper", contract_type=ContractType.ZERO_HOURS
    )
    paper.hub.import_members("acme", Reading(good=[person("m1", contracts=(contract,))]))
    paper.cards(card("a"))
    told(paper)
    clock.set(NOW.astimezone(UTC) + timedelta(days=500))
    return paper


def told(paper: PaperCompany) -> None:  # noqa: F811
    """Export, and tell that payroll imported the file."""
    run = paper.made().id
    paper.fetch(run)
    paper.hub.file_imported("acme", run, "Robin")


def bsns(paper: PaperCompany) -> set[str]:  # noqa: F811
    """Sweep; return who still has a BSN."""
    paper.hub.sweep("acme")
    return {one.id for one in paper.rows(TeamMember) if one.bsn}


def test_the_bsn_of_who_left_goes_where_payroll_holds_all_hours_as_they_are(gone: PaperCompany) -> None:
    assert bsns(gone) == {"m2"}


CORRECTIONS = (
    card("a", revision=2, minutes=60),
    card("a", revision=2, status="written"),
    Deletion(id="a", revision=2),
)


@pytest.mark.parametrize("correction", CORRECTIONS, ids=("shorter", "not approved any more", "withdrawn"))
def test_a_correction_that_is_still_to_go_out_keeps_the_bsn(
    gone: PaperCompany, correction: Timecard | Deletion
) -> None:
    """Payroll could not be told of it without; once it went out the BSN goes."""
    gone.cards(correction)
    assert bsns(gone) == {"m1", "m2"}
    told(gone)
    assert bsns(gone) == {"m2"}


def test_what_was_withdrawn_before_payroll_got_it_keeps_no_bsn(gone: PaperCompany) -> None:
    """Nor do hours that nobody approved: nothing of them is to go out."""
    gone.cards(card("b", day=6), card("c", day=7, status="written"))
    gone.cards(Deletion(id="b", revision=2))
    assert bsns(gone) == {"m2"}


# -- secrets in memory ------------------------------------------------------------------------------------------------


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process, FakeClock()) as made:
        yield made


def kept(company: Company) -> Connections:
    return connections_of(company.hub.store, company.hub.process)


def test_a_removed_companys_secrets_are_not_kept_in_memory(company: Company) -> None:
    """Those of another company are: its connection serves again."""
    book = company.hub.connections("acme")[0].settings["book"]
    company.hub.add_company("zenith", "Zenith")
    company.hub.connect("zenith", "ledger", {"book": book})
    for name in ("acme", "zenith"):
        company.hub.test_connection(name, "ledger")
    assert {place[0] for place in kept(company)._kept} == {"acme", "zenith"}
    company.hub.remove_company("acme", "Acme")
    assert {place[0] for place in kept(company)._kept} == {"zenith"}


def test_a_removal_that_is_refused_forgets_nothing(company: Company) -> None:
    company.hub.test_connection("acme", "ledger")
    assert len(kept(company)) == 1
    with pytest.raises(InputError, match="to the letter"):
        company.hub.remove_company("acme", "ACME")
    assert len(kept(company)) == 1


# -- added again ------------------------------------------------------------------------------------------------------


def test_a_company_added_again_is_swept_and_still_reads_payroll_back_first(process: Process, tmp_path: Path) -> None:
    """The sweep hides nothing: what the mark says is as it was, and asks for the reading back."""
    with ledger_company(replace(process, mark_file=str(tmp_path / "mark")), FakeClock()) as made:
        made.cards(card("a"))
        made.export()
        book = made.hub.connections("acme")[0].settings["book"]
        made.hub.remove_company("acme", "Acme")
        before = made.hub.store.mark.known("acme")
        set_up(made.hub, book)
        made.cards(card("a"))
        assert before > (0, 0)
        assert made.hub.sweep_all().problems == {}
        assert made.hub.store.mark.known("acme") == before
        with pytest.raises(InputError, match="the company was here before"):
            made.export(groups=("worked",))
        made.hub.reread("acme", "ledger", "Robin")
        assert made.export(groups=("worked",)).state == "needs decision"
        assert made.hub.sweep_all().problems == {}
