"""Providers as third parties write them, each of another shape: small, true to every rule, and exported to."""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from openpyxl import load_workbook

from hub import Activation, Capability, Hub, Process, Scope, Support
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Unit
from hub.registry import find, forget
from hub.testing.at_work import SETTLED, AtWork, at_work, just_before
from hub.testing.company import NOW, card
from hub.testing.conformance import ProviderConformance
from hub.testing.conformance.judging import Outcome, judge
from hub.testing.conformance.registry import RULES
from hub.testing.distributions import Fake, Site
from hub.testing.fixtures import SECRET_KEY
from hub.testing.paper import OCTOBER, person

HERE = Path(__file__).parent
FOLDER = HERE / "third_parties"
MOST_LINES = 150
SHAPES = ("paged_oauth", "accepts_first", "with_keys", "a_file", "puts_the_period")
"""The modules, and the names of the providers in them."""

POSTING = {"posted-is-readable", "amounts-are-exact", "write-is-sent-once", "timeout-is-unknown", "sync-is-complete"}
TRIED = {
    "paged_oauth": {*POSTING, "missing-right-is-named", "endless-paging-stops", "new-instance-does-the-same"},
    "accepts_first": {*POSTING, "refusal-says-what-to-do", "validate-offline-opens-no-socket"},
    "with_keys": {*POSTING, "answer-without-an-id-is-unknown", "new-instance-does-the-same"},
    "a_file": {"entry-point-loads", "file-has-its-layout", "file-sums-are-exact", "file-holds-no-formula"},
    "puts_the_period": {*POSTING, "slot-reads-the-same-twice", "refusal-writes-nothing"},
}
"""Rules that are about what a shape is; those that need what it does not have are skipped."""


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install all of them as plugins are: the hub finds them by their entry points."""
    monkeypatch.syspath_prepend(str(HERE))
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in SHAPES:
        Site(tmp_path / "site").add(name, Fake(f"from third_parties.{name} import {called(name)}Provider as P\n"))
    forget()
    yield
    forget()
    for name in [one for one in sys.modules if one.startswith(("third_parties", "fake_distribution_"))]:
        del sys.modules[name]


def called(name: str) -> str:
    """Return what the classes of a module are called."""
    return name.title().replace("_", "")


def simulator_of(name: str) -> Any:
    """Return the class of a provider's simulator; None for a file."""
    return getattr(import_module(f"third_parties.{name}"), f"{called(name)}Simulator", None)


def conformance(name: str) -> ProviderConformance:
    """Return what the conformance file of a provider would hold."""
    own = {"provider": find(name), "remote": simulator_of(name), "patience": 0.1}
    if name == "paged_oauth":
        own |= {"without_right": {"may": "missing"}, "logged_in": lambda self, remote, sent: remote.log_in(sent.url)}
    made: ProviderConformance = type("Conformance", (ProviderConformance,), own)()
    return made


@pytest.mark.parametrize("name", SHAPES)
def test_a_third_party_keeps_every_rule(name: str) -> None:
    """None fails, and those that its shape is about were tried."""
    verdicts = judge(conformance(name), RULES)
    assert {id: one.reason for id, one in verdicts.items() if one.outcome is Outcome.FAILED} == {}
    assert {id for id, one in verdicts.items() if one.outcome is Outcome.PASSED} >= TRIED[name]


def own_lines(file: Path) -> int:
    """Count the lines of a file that are neither blank nor of a docstring; imports and comments count."""
    source = file.read_text()
    texts = [
        one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
    ]
    skipped = {line for one in texts for line in range(one.lineno, (one.end_lineno or 0) + 1)}
    return sum(bool(line.strip()) and number not in skipped for number, line in enumerate(source.splitlines(), 1))


@pytest.mark.parametrize("name", SHAPES)
def test_a_third_party_is_small(name: str) -> None:
    """Settings, provider and simulator together have less than 150 lines of their own."""
    assert 20 < own_lines(FOLDER / f"{name}.py") < MOST_LINES


# -- a whole export ---------------------------------------------------------------------------------------------------


@contextmanager
def working(name: str, folder: Path, template: Path) -> Iterator[AtWork[Any]]:
    """Open a company on SQLite that is ready to export October 2026 to a provider on a real socket, slot by slot."""
    shutil.copy(template, folder / "hub.db")
    process = Process(database_url=f"sqlite:///{folder / 'hub.db'}", secret_key=SECRET_KEY, allow_loopback=True)
    scope = Scope(provider=name, administration="A", year=2026, number=10, groups=("worked",))
    names = {"code": "100", "posting": "post", "probing": "none"}
    connect = Hub.connect

    def connected(hub: Hub, company: str, provider: str, values: dict[str, str]) -> Activation:
        """Connect as a host does, also where a person must log in first."""
        sent = connect(hub, company, provider, values)
        if isinstance(sent, Activation):
            return sent
        assert hub.connections(company) == []
        returned = simulator.log_in(sent.url)
        assert returned["state"] == sent.state
        activation = connect(hub, company, provider, values, returned=returned)
        assert isinstance(activation, Activation)
        return activation

    with (
        pytest.MonkeyPatch.context() as patch,
        simulator_of(name)(employees=3) as simulator,
        mock.patch.object(Hub, "connect", connected),
        at_work(process, simulator, scope, **names) as opened,
    ):
        patch.setattr(find(name), "concurrency", 1)
        yield opened


def two_cards(name: str) -> tuple[Any, Any]:
    """Return timecards of two people, of seven hours and twenty minutes and of eight hours."""
    return card("a", f"{name}-P1", minutes=440), card("b", f"{name}-P2")


def states(work: AtWork[Any]) -> list[str]:
    return [one.state for one in work.entries]


def test_a_lost_answer_is_asked_again_under_its_key(tmp_path: Path, sqlite_template: Path) -> None:
    """The second posting adds nothing: each person has one row, and all is verified in one run."""
    with working("with_keys", tmp_path, sqlite_template) as work:
        plan = work.release(*two_cards("with_keys"))
        work.spoil("lost-answer", which=0)
        run = work.run(plan)
        assert (run.state, states(work), work.white) == ("done", ["verified", "verified"], {"a", "b"})
        assert work.received == 3
        assert [(one["person"], one["hours"]) for one in work.rows] == [("P1", "7.33"), ("P2", "8.00")]
        assert work.outcomes == ["found", "accepted"]


def test_an_entry_that_is_accepted_first_is_asked_for_later(tmp_path: Path, sqlite_template: Path) -> None:
    """Where it cannot be asked for, all stays pending and nothing is white; the next run sends nothing and asks."""
    with working("accepts_first", tmp_path, sqlite_template) as work:
        plan = work.release(*two_cards("accepts_first"))
        work.simulator.inject("html-502@receipt")
        assert (work.run(plan).state, states(work), work.white) == ("in doubt", ["pending", "pending"], set())
        work.simulator.heal()
        assert (work.run(plan).state, states(work), work.white) == ("done", ["verified", "verified"], {"a", "b"})
        assert (work.received, work.outcomes) == (2, ["accepted", "accepted"])
        assert [(one["person"], one["hundredths"]) for one in work.rows] == [("P1", 733), ("P2", 800)]


def test_a_lost_receipt_is_found_once_its_row_has_come(tmp_path: Path, sqlite_template: Path) -> None:
    """Read back at once there is nothing yet; read later there is just one row, and nothing was sent again."""
    with working("accepts_first", tmp_path, sqlite_template) as work:
        plan = work.release(*two_cards("accepts_first"))
        work.spoil("lost-answer", which=0)
        work.run(plan)
        assert states(work)[0] == "in doubt"
        work.clock.forward(SETTLED)
        assert (work.run(plan).state, states(work)) == ("done", ["verified", "verified"])
        assert (work.received, len(work.rows), work.outcomes) == (2, 2, ["found", "accepted"])


CLERKS = {"id": 90, "code": "100", "hours": "3.00", "note": "by the clerk"}


def test_what_a_clerk_put_in_the_period_stays(tmp_path: Path, sqlite_template: Path) -> None:
    """Our hours come beside his, also where the answer is lost: his row keeps its id and what the hub does not know."""
    with working("puts_the_period", tmp_path, sqlite_template) as work:
        work.simulator.months["/people/P1/2026-10"] = {"version": 5, "lines": [CLERKS]}
        plan = work.release(*two_cards("puts_the_period"))
        work.spoil("lost-answer", which=0)
        assert (work.run(plan).state, states(work)) == ("done", ["verified", "verified"])
        assert (work.received, work.outcomes) == (2, ["found", "accepted"])
        assert work.simulator.months == {
            "/people/P1/2026-10": {"version": 6, "lines": [CLERKS, {"id": 1, "code": "100", "hours": "7.33"}]},
            "/people/P2/2026-10": {"version": 1, "lines": [{"id": 2, "code": "100", "hours": "8.00"}]},
        }


def test_what_a_clerk_puts_just_before_us_is_not_lost(tmp_path: Path, sqlite_template: Path) -> None:
    """The version that was read is no longer there: nothing is done, the run pauses and then goes on with his row."""
    with working("puts_the_period", tmp_path, sqlite_template) as work:
        months = work.simulator.months
        plan = work.release(two_cards("puts_the_period")[0])
        late = partial(months.update, {"/people/P1/2026-10": {"version": 1, "lines": [CLERKS]}})
        with just_before(type(work.simulator), "_put", late):
            assert (work.run(plan).state, states(work), work.outcomes) == ("paused", ["planned"], ["not executed"])
        assert (work.run(plan).state, states(work)) == ("done", ["verified"])
        assert [one["id"] for one in work.rows] == [90, 1]


def test_a_refresh_token_that_serves_once_is_renewed_in_the_store(tmp_path: Path, sqlite_template: Path) -> None:
    """Log-in, sync, plan and run are connections of their own: each finds the token that the one before got."""
    with working("paged_oauth", tmp_path, sqlite_template) as work:
        plan = work.release(*two_cards("paged_oauth"))
        work.spoil("lost-answer", which=0)
        assert (work.run(plan).state, states(work), work.outcomes) == ("done", ["verified"] * 2, ["found", "accepted"])
        assert work.simulator.state()["calls"]["token"] == 2  # of the plan and of the run
        assert [(one["person"], one["hours"]) for one in work.rows] == [("P1", "7.33"), ("P2", "8.00")]


# -- a whole file -----------------------------------------------------------------------------------------------------


def test_a_file_has_a_row_for_each_person_and_day(tmp_path: Path, sqlite_template: Path) -> None:
    """It is fetched, imported as a person says, and holds the hours of each day under their own column."""
    shutil.copy(sqlite_template, tmp_path / "hub.db")
    process = Process(database_url=f"sqlite:///{tmp_path / 'hub.db'}", secret_key=SECRET_KEY)
    with Hub.open(process, lambda: NOW) as hub:
        hub.add_company("acme", "Acme")
        hub.connect("acme", "a_file", {})
        hub.import_members("acme", Reading(good=[person("m1"), person("m2")]))
        sunday = ComponentAmount(component="surcharge:sunday", unit=Unit.MINUTES, amount=60)
        cards = card("a", minutes=440), card("b", day=6), card("c", "m2", amounts=(sunday,))
        assert not hub.import_timecards("acme", Reading(good=[*cards])).refused
        scope = {"provider": "a_file", "administration": "a_file", "dates": OCTOBER, "groups": ("worked", "surcharges")}
        plan = hub.plan("acme", Scope.model_validate(scope))
        hub.release("acme", plan.id, "Robin")
        run = hub.run("acme", plan.id)
        handed = hub.fetch("acme", run.id, tmp_path)
        assert hub.file_imported("acme", run.id, "Robin") == 3
        assert [one.exported_revision for one in hub.timecards("acme")] == [1, 1, 1]
    first, second = datetime(2026, 10, 5), datetime(2026, 10, 6)  # noqa: DTZ001 - a cell has no time zone
    assert list(load_workbook(handed.file)["Dagen"].values) == [
        ("Personeelsnummer", "Naam", "Datum", "Gewerkt", "Zondag", "Soort"),
        ("m1", "M1", first, 7.33, None, "U"),
        ("m1", "M1", second, 8, None, "U"),
        ("m2", "M2", first, 8, 1, "U"),
    ]


@pytest.mark.parametrize("minutes", [300, 600])
def test_a_correction_of_a_period_that_is_put_is_a_difference(
    minutes: int, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the provider says that it could change or take away a row: a put can only add to what was there."""
    provider = find("puts_the_period")
    more = {Capability.REPLACE_HOURS: Support.FULL, Capability.WITHDRAW_HOURS: Support.FULL}
    monkeypatch.setattr(provider, "capabilities", {**provider.capabilities, **more})
    with working("puts_the_period", tmp_path, sqlite_template) as work:
        for revision, worked in ((1, 480), (2, minutes)):
            plan = work.release(card("a", "puts_the_period-P1", minutes=worked, revision=revision))
            assert work.run(plan).state == "done"
        assert sum(round(float(row["hours"]) * 100) for row in work.rows) == minutes * 10 // 6
