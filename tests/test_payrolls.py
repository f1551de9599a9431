"""Several payrolls in one company: the contract on the business date decides, and no hour ever goes to two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.administrations import Booking
from hub.export.planning.payrolls import Payrolls
from hub.intake.contracts import HostContract
from hub.intake.reading import Reading
from hub.models import ContractType, Finding, PeriodType
from hub.periods import Calendar
from hub.process import Process
from hub.testing.company import card, employee
from hub.testing.ledger import BOOKS
from hub.testing.paper import OCTOBER, PaperCompany, paper_company, person

NAMES = ("paper", "cardboard", "ledger")
FIRST = date(2026, 1, 1)


def contract(payroll: str, start: date = FIRST, end: date | None = None, **more: object) -> HostContract:
    return HostContract.model_validate({"payroll": payroll, "start": start, "end": end, **more})


@pytest.fixture
def three(process: Process, tmp_path: Path) -> Iterator[PaperCompany]:
    """Yield a company with two payrolls that take a file, and one over the wire in which e1 is m1."""
    folder = tmp_path / "out"
    folder.mkdir()
    with paper_company(process, folder) as made:
        hub = made.hub
        hub.connect("acme", "cardboard", {})
        BOOKS["three"].employees = [employee("e1")]
        hub.connect("acme", "ledger", {"book": "three"})
        hub.set_wage_period("acme", "ledger", "1", Calendar(type=PeriodType.MONTH, first_start=FIRST))
        hub.map("acme", "ledger", Booking("worked", "100"))
        hub.apply_sync("acme", hub.plan_sync("acme", "ledger"))
        hub.link("acme", "ledger", "e1", "m1")
        yield made
    del BOOKS["three"]


def goes(three: PaperCompany) -> dict[str, set[str]]:
    """Return per payroll the employees of whom it would get something."""
    asked = {one: {"provider": one, "administration": one, "dates": OCTOBER} for one in NAMES[:2]}
    asked["ledger"] = {"provider": "ledger", "administration": "1", "dates": None, "year": 2026, "number": 10}
    return {one: {line.employee for line in three.plan(**asked[one]).lines} for one in NAMES}


def test_who_is_employed_over_the_wire_is_in_no_file(three: PaperCompany) -> None:
    """Payroll tells that m1 works there; of m2 nobody tells anything, and that is a finding in every file."""
    three.cards(card("t1"), card("t2", "m2"))
    assert goes(three) == {"paper": set(), "cardboard": set(), "ledger": {"e1"}}
    (held,) = three.plan().held
    assert (held.finding.code, held.finding.timecard) == ("payroll_unknown", "t2")


def test_the_contract_on_the_date_decides(three: PaperCompany) -> None:
    """Also against what payroll tells, and from one day to the next."""
    first, second = contract("paper", end=date(2026, 10, 9)), contract("cardboard", date(2026, 10, 10))
    three.hub.import_members("acme", Reading(good=[person("m1", contracts=(first, second))]))
    three.cards(card("t1", day=9), card("t2", day=10, minutes=360))
    assert goes(three) == {"paper": {"m1"}, "cardboard": {"m1"}, "ledger": set()}
    paper = three.plan()
    cardboard = three.plan(provider="cardboard", administration="cardboard")
    assert {one.code: one.amount for one in paper.lines} == {"uren": 800, "dagen": 100}
    assert {one.code: one.amount for one in cardboard.lines} == {"uren": 600, "dagen": 100}


def test_a_contract_that_moves_afterwards_is_put_right_first_where_it_was(three: PaperCompany) -> None:
    """What went out to one payroll stays out of the other until it was taken back there."""
    three.hub.import_members("acme", Reading(good=[person("m1", contracts=(contract("paper"),))]))
    three.cards(card("t1"))
    three.exported()
    three.hub.import_members("acme", Reading(good=[person("m1", contracts=(contract("cardboard"),))]))
    cardboard = {"provider": "cardboard", "administration": "cardboard"}
    assert three.plan(**cardboard).lines == ()
    _, rows = three.exported()
    assert [(one["Code"], one["Aantal"]) for one in rows] == [("dagen", "-1,00"), ("uren", "-8,00")]
    assert {one.code: one.amount for one in three.plan(**cardboard).lines} == {"uren": 800, "dagen": 100}


def test_a_payroll_that_is_not_switched_on_is_a_finding(three: PaperCompany) -> None:
    """In every plan, because nobody else would ever pay it."""
    three.hub.import_members("acme", Reading(good=[person("m2", contracts=(contract("elsewhere"),))]))
    three.cards(card("t2", "m2"))
    assert [one.finding.code for one in three.plan().held] == ["payroll_not_connected"]
    three.hub.switch("acme", "cardboard", active=False)
    three.hub.import_members("acme", Reading(good=[person("m2", contracts=(contract("cardboard"),))]))
    assert [one.finding.code for one in three.plan().held] == ["payroll_not_connected"]


def test_the_contract_says_the_type_too(three: PaperCompany) -> None:
    """A freelance contract keeps the hours of its own dates in, whatever the team member is otherwise."""
    own = contract("paper", contract_type=ContractType.FREELANCE), contract("paper", date(2026, 10, 10))
    ended = own[0].model_copy(update={"end": date(2026, 10, 9)})
    three.hub.import_members("acme", Reading(good=[person("m1", contracts=(ended, own[1]))]))
    three.cards(card("t1", day=9), card("t2", day=10))
    plan = three.plan()
    assert {one.finding.timecard: one.finding.code for one in plan.left} == {"t1": "contract_type_not_exported"}
    assert plan.timecards == 1


spans = st.tuples(st.integers(0, 300), st.integers(0, 100), st.sampled_from((*NAMES, "unknown")))


@given(st.lists(spans, max_size=5), st.integers(0, 400), st.sets(st.sampled_from(NAMES)), st.booleans())
def test_no_day_belongs_to_two_payrolls(
    found: list[tuple[int, int, str]], day: int, connected: set[str], employed: bool
) -> None:
    """Whatever the contracts, the connections and what payroll tells: at most one provider takes a card."""
    contracts = {"m1": tuple(_apart(found))} if found else {}
    people = {"m1": (employee("e1"),)} if employed else {}
    payrolls = [
        Payrolls(
            provider=name,
            tells_people=name == "ledger",
            connected=sorted(connected),
            contracts=contracts,
            elsewhere=people if "ledger" in connected and name != "ledger" else {},
        )
        for name in connected
    ]
    one = card("t1").model_copy(update={"date": FIRST + timedelta(days=day)})
    answers = {each.provider: each(one) for each in payrolls}
    takers = {
        name for name, answer in answers.items() if answer is True and (name != "ledger" or employed or contracts)
    }
    assert len(takers) <= 1
    if not takers and connected and not contracts:
        assert all(isinstance(answer, Finding) for name, answer in answers.items() if name != "ledger")


def _apart(found: list[tuple[int, int, str]]) -> Iterator[HostContract]:
    """Yield contracts that do not overlap: the file could not give others."""
    free = 0
    for start, days, payroll in sorted(found):
        begins = max(start, free)
        free = begins + days + 1
        yield contract(payroll, FIRST + timedelta(days=begins), FIRST + timedelta(days=begins + days))
