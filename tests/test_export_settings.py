"""What a connection exports by default: shown, changed, and what plans and lists of timecards make of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hub.errors import InputError
from hub.export.scope import Scope
from hub.models import ContractType
from hub.process import Process
from hub.store.companies import Audit
from hub.testing.clock import FakeClock
from hub.testing.command import Told, hub
from hub.testing.company import Company, card, ledger_company
from hub.testing.shell import DONE, REFUSED, WRONG_COMMAND, documented, keys_of

DOCUMENTED = documented(Path(__file__).parents[1] / "docs" / "commands.md")
DEFAULTS = {
    "contract_types": ["zero_hours"],
    "groups": ["worked", "surcharges", "days", "meals", "allowances"],
    "corrections": "replace",
    "settle_seconds": None,
}


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process, FakeClock()) as made:
        yield made


def tell(company: Company, *words: object) -> Told:
    return hub(company.hub.process, *words)


def settings(company: Company) -> dict[str, object]:
    return company.hub.export_settings("acme", "ledger").model_dump(mode="json")


def test_without_options_the_settings_are_shown(company: Company) -> None:
    """With the documented keys, or as sentences; nothing is changed."""
    told = tell(company, "export", "settings", "acme", "ledger", "--json")
    assert (told.code, keys_of(told.data), told.data) == (DONE, DOCUMENTED["hub export settings"], DEFAULTS)
    assert tell(company, "export", "settings", "acme", "ledger").out.splitlines() == [
        "Contract types: zero hours.",
        "What goes out: worked, surcharges, days, meals, allowances.",
        "What was exported and changes: replace.",
        "A lost answer may take effect for: as the provider says.",
    ]
    assert settings(company) == DEFAULTS


@pytest.mark.parametrize(
    ("option", "changed"),
    [
        (
            ("--contract-type", "zero-hours", "--contract-type", "freelance"),
            {"contract_types": ["zero_hours", "freelance"]},
        ),
        (("--only", "worked, days"), {"groups": ["worked", "days"]}),
        (("--corrections", "delta"), {"corrections": "delta"}),
        (("--settle-minutes", "30"), {"settle_seconds": 1800.0}),
    ],
)
def test_each_setting_is_changed_alone(company: Company, option: tuple[str, ...], changed: dict[str, object]) -> None:
    """The others stay, and the audit trail tells what is no default any more."""
    told = tell(company, "export", "settings", "acme", "ledger", *option, "--json")
    assert (told.code, told.data) == (DONE, {**DEFAULTS, **changed})
    assert settings(company) == told.data
    assert [one.detail for one in company.rows(Audit) if one.action == "export settings"] == [changed]


def test_the_providers_settle_time_comes_back_with_nought(company: Company) -> None:
    """The other settings stay as they were chosen."""
    tell(company, "export", "settings", "acme", "ledger", "--settle-minutes", "30", "--corrections", "manual")
    tell(company, "export", "settings", "acme", "ledger", "--settle-minutes", "0")
    assert settings(company) == {**DEFAULTS, "corrections": "manual"}


@pytest.mark.parametrize(
    ("option", "code", "said"),
    [
        (("--corrections", "never"), WRONG_COMMAND, "--corrections takes replace, delta, manual"),
        (("--contract-type", "salary"), WRONG_COMMAND, "--contract-type takes zero_hours"),
        (("--only", "sickness"), WRONG_COMMAND, "--only takes worked"),
        (("--settle-minutes", "-1"), REFUSED, "settle_seconds: input should be greater than 0"),
        (("--settle-minutes", "1441"), REFUSED, "settle_seconds: input should be less than or equal to 86400"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(company: Company, option: tuple[str, ...], code: int, said: str) -> None:
    """In one sentence, and nothing is changed."""
    told = tell(company, "export", "settings", "acme", "ledger", *option)
    assert (told.code, said in told.err, len(told.err.splitlines())) == (code, True, 1)
    assert settings(company) == DEFAULTS


@pytest.mark.parametrize(
    "changes", [{"contract_types": ()}, {"groups": ()}, {"groups": ("sickness",)}, {"corrections": "x"}, {"other": 1}]
)
def test_a_host_platform_is_refused_the_same(company: Company, changes: dict[str, object]) -> None:
    """An export of nothing, of a word that there is not, or a setting that there is not."""
    with pytest.raises(InputError, match="The export settings cannot be so"):
        company.hub.change_export_settings("acme", "ledger", changes)
    assert settings(company) == DEFAULTS


def test_a_company_that_is_not_connected_has_no_settings(company: Company) -> None:
    """And is told how to connect."""
    company.hub.add_company("other", "Other")
    told = tell(company, "export", "settings", "other", "ledger", "--corrections", "delta")
    assert (told.code, told.err.startswith("other is not connected with ledger: ")) == (REFUSED, True)


# -- what follows from them -------------------------------------------------------------------------------------------


def test_a_plan_goes_by_the_settings_where_it_is_not_asked_otherwise(company: Company) -> None:
    """For a host platform and for the command."""
    company.hub.change_export_settings(
        "acme", "ledger", {"groups": ("worked",), "contract_types": ("zero_hours", "freelance")}
    )
    both = (ContractType.ZERO_HOURS, ContractType.FREELANCE)
    usual = Scope(provider="ledger", administration="1", year=2026, number=10, contract_types=both, groups=("worked",))
    assert company.hub.scope("acme", "ledger", "1", 2026, 10) == usual
    asked = company.hub.scope(
        "acme",
        "ledger",
        "1",
        2026,
        10,
        contract_types=(ContractType.ZERO_HOURS,),
        groups=("days",),
        past_period=True,
        days="keep",
    )
    assert (asked.contract_types, asked.groups) == ((ContractType.ZERO_HOURS,), ("days",))
    assert (asked.past_period, asked.days) == (True, "keep")


def test_the_command_plans_what_the_settings_say(company: Company) -> None:
    """And what it is asked, where that is something else."""
    company.cards(card("a"))
    tell(company, "export", "settings", "acme", "ledger", "--only", "worked")
    plan = ("export", "plan", "acme", "ledger", "1", "2026-10", "--json")
    assert [one["code"] for one in tell(company, *plan).data["lines"]] == ["100"]
    assert [one["code"] for one in tell(company, *plan, "--only", "days").data["lines"]] == ["days"]


def test_the_settle_time_says_when_a_doubt_is_looked_at_again(company: Company) -> None:
    """A run that is in doubt shows it."""
    company.hub.change_export_settings("acme", "ledger", {"settle_seconds": 60})
    company.cards(card("a"))
    company.ledger.script = ["vanished"]
    (entry,) = company.export(groups=("worked",)).entries
    assert entry.again_at is not None
    assert (entry.again_at.hour, entry.again_at.minute) == (10, 1)


# -- timecards of some dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ((), ["a", "b", "c", "d"]),
        (("--from", "2026-10-05"), ["b", "c", "d"]),
        (("--to", "2026-10-05"), ["a", "b"]),
        (("--from", "2026-10-05", "--to", "2026-10-06"), ["b", "c"]),
        (("--period", "ledger", "1", "2026-10"), ["a", "b", "c"]),
        (("--period", "ledger", "1", "2026-10", "--from", "2026-10-06"), ["c"]),
        (("--period", "ledger", "1", "2026-11", "--member", "m1"), ["d"]),
    ],
)
def test_timecards_are_listed_by_date_and_by_wage_period(
    company: Company, option: tuple[str, ...], found: list[str]
) -> None:
    """Both ends are included."""
    later = card("d").model_copy(update={"date": date(2026, 11, 1)})
    company.cards(card("a", day=1), card("b", day=5), card("c", day=6), later)
    told = tell(company, "timecards", "list", "acme", *option, "--json")
    assert (told.code, [one["id"] for one in told.data]) == (DONE, found)


def test_a_wage_period_that_there_is_not_has_no_timecards(company: Company) -> None:
    """It is said, instead of an empty list."""
    told = tell(company, "timecards", "list", "acme", "--period", "ledger", "1", "2026-14")
    assert (told.code, told.err) == (REFUSED, "2026 has no wage period 14 in administration 1.\n")
