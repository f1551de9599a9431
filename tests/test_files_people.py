"""Who is in a file: the contract on the business date decides, a BSN is needed and shown nowhere else."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import col

from hub.errors import InputError
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Unit
from hub.models import ContractType
from hub.store.people import TeamMember
from hub.testing.company import card
from hub.testing.paper import PER_DAY, PaperCompany, person


def bring_in(paper: PaperCompany, *members: object) -> None:
    paper.hub.import_members("acme", Reading(good=list(members)))  # type: ignore[arg-type]  # members


def why(paper: PaperCompany, **more: object) -> dict[str, str]:
    plan = paper.plan(**more)
    return {one.finding.timecard: one.finding.code for one in (*plan.held, *plan.left)}


def test_without_a_bsn_only_that_person_waits(paper: PaperCompany) -> None:
    """The finding names the person and what to do, and the others go out."""
    bring_in(paper, person("m3"))
    paper.cards(card("t1"), card("t3", "m3"))
    plan = paper.plan()
    (held,) = plan.held
    assert (held.finding.code, held.name, held.finding.timecard) == ("bsn_missing", "M3", "t3")
    assert {one.employee for one in plan.lines} == {"m1"}


def test_a_bsn_that_was_erased_after_the_plan_holds_that_person(paper: PaperCompany) -> None:
    """The file is made of the others, and the run says who waits."""
    paper.cards(card("t1"), card("t2", "m2"))
    plan = paper.plan()
    paper.hub.release("acme", plan.id, "Robin")
    with paper.hub.store.write("acme") as session:
        for row in session.all(TeamMember, col(TeamMember.id) == "m2"):
            row.bsn = None
            session.add(row)
    run = paper.hub.run("acme", plan.id)
    assert {(one.employee, one.state) for one in run.entries} == {("m1", "ready"), ("m2", "held")}
    assert run.files[0].people == 1


def test_a_freelancer_is_in_no_file(paper: PaperCompany) -> None:
    """Also where the company wants freelancers exported: there is no BSN that a file could hold."""
    bring_in(paper, person("m4", contract_type=ContractType.FREELANCE))
    paper.cards(card("t4", "m4"))
    assert why(paper) == {"t4": "contract_type_not_exported"}
    assert why(paper, contract_types=(ContractType.FREELANCE,)) == {"t4": "bsn_missing"}


def test_people_on_salary_go_out_too(paper: PaperCompany) -> None:
    """A file provider takes everybody who is employed, as its users know it; the company can choose otherwise."""
    bring_in(paper, person("m1", contract_type=ContractType.FIXED_HOURS))
    paper.cards(card("t1"))
    assert len(paper.plan().lines) == 2
    paper.hub.change_export_settings("acme", "paper", {"contract_types": ["zero_hours"]})
    assert why(paper) == {"t1": "contract_type_not_exported"}


def test_a_range_over_new_year_and_a_clock_change(paper: PaperCompany) -> None:
    """Any dates, from and to; a night in which the clock goes back is as long as it was."""
    paper.cards(card("t1", day=25, minutes=540))
    assert len(paper.plan(dates=(date(2026, 10, 25), date(2027, 1, 10))).lines) == 2
    with pytest.raises(InputError, match="no range"):
        paper.hub.scope("acme", "paper", "paper", dates=(date(2026, 10, 25), date(2026, 10, 24)))


def test_overlapping_dates_leave_out_what_went_out(paper: PaperCompany) -> None:
    """The overlap is told of, with its run; the cards that went out stay out, and nobody has to do anything."""
    paper.cards(card("t1", day=5), card("t2", day=20))
    paper.exported(dates=(date(2026, 10, 1), date(2026, 10, 10)))
    plan = paper.plan()
    assert ({one.amount for one in plan.lines}, plan.timecards, plan.held) == ({100, 800}, 1, ())
    (overlap,) = [one for one in plan.warnings if one.code == "dates_overlap"]
    assert overlap.text.startswith("2026-10-01 to 2026-10-10 went out in run 1")


def test_a_card_that_changed_since_is_corrected_where_it_went_out(paper: PaperCompany) -> None:
    """A plan of other dates holds it and says where; the plan of the same dates corrects it."""
    first = (date(2026, 10, 1), date(2026, 10, 10))
    paper.cards(card("t1", day=5))
    paper.exported(dates=first)
    paper.cards(card("t1", day=5, minutes=360, revision=2))
    assert [one.finding.code for one in paper.plan().held] == ["exported_elsewhere"]
    assert [(one.code, one.amount) for one in paper.plan(dates=first).lines] == [("uren", -200)]


def test_a_wage_period_is_a_month_where_nothing_was_set(paper: PaperCompany) -> None:
    """Activated by its name alone, it also takes a period: a calendar month."""
    paper.cards(card("t1"))
    plan = paper.plan(dates=None, year=2026, number=10)
    assert plan.period == "2026-10 (2026-10-01 to 2026-10-31)"
    assert len(plan.lines) == 2


def test_an_unverified_layout_is_warned_about_in_the_plan(paper: PaperCompany) -> None:
    """It is allowed, and every plan and every validation say so."""
    paper.cards(card("t1"))
    scope = paper.hub.scope("acme", "paper", "paper", dates=(date(2026, 10, 1), date(2026, 10, 31)))
    for view in (paper.plan(), paper.hub.validate("acme", scope)):
        assert [one.code for one in view.warnings] == ["layout_unverified"]


def test_days_worked_stay_out_of_a_file_that_has_no_column_for_them(paper: PaperCompany) -> None:
    """The hub counts them by itself, so nobody has to choose against them; another code without a column is told."""
    columns = tuple(column for column in PER_DAY.columns if column.code != "dagen")
    paper.hub.use_layout("acme", "paper", PER_DAY.model_copy(update={"columns": columns}))
    meal = ComponentAmount(component="meals", unit=Unit.PIECES, amount=1)
    paper.cards(card("t1"), card("t2", "m2", amounts=(meal,)))
    plan = paper.plan()
    assert [(one.employee, one.code) for one in plan.lines] == [("m1", "uren")]
    assert [(one.finding.code, one.finding.timecard) for one in plan.held] == [("not_in_layout", "t2")]
