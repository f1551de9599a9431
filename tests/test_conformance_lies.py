"""The rules on puts, keys and late answers see every lie that they are about, beside that of their broken provider."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from hub import Entry, HubError, Pending, PostedEntry, Refused, Slot
from hub.testing.conformance.judging import Outcome, Verdict, judge
from hub.testing.conformance.registry import RULES

HERE = Path(__file__).parent
Methods = dict[str, Callable[..., Any]]
Tried = Callable[[str, str, Methods], Verdict]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tried]:
    """Try a provider of `broken_providers.shapes`, whose posting has other methods, by one rule."""
    monkeypatch.syspath_prepend(str(HERE))

    def try_it(shape: str, rule: str, methods: Methods) -> Verdict:
        shapes, good = (import_module(f"broken_providers.{name}") for name in ("shapes", "good"))
        base = getattr(shapes, f"{shape}Provider")
        posting = type("Posting", (base.Posting,), methods)
        provider = type("Lying", (base,), {"Posting": posting, "__module__": "broken_providers.lying"})
        kit = type("Conformance", (good.GoodConformance,), {"provider": provider})()
        return judge(kit, [one for one in RULES if one.id == rule])[rule]

    yield try_it
    for name in [one for one in sys.modules if one.startswith("broken_providers")]:
        del sys.modules[name]


def posting(name: str) -> Any:
    """Return a class of `broken_providers.shapes`, once that can be imported."""
    return getattr(import_module("broken_providers.shapes"), name)


# -- what is accepted first -------------------------------------------------------------------------------------------


def row_of(pending: Pending) -> PostedEntry:
    return PostedEntry(id=pending.id, kind=pending.slot.kind, code="100", amount=700)


def accepted_where_lost(self: Any, pending: Pending) -> PostedEntry | Pending:
    try:
        found: PostedEntry | Pending = posting("PatientPosting").resolve(self, pending)
    except HubError:
        return row_of(pending)
    return found


def refused_where_not_ready(self: Any, pending: Pending) -> PostedEntry:
    found = posting("PatientPosting").resolve(self, pending)
    if isinstance(found, PostedEntry):
        return found
    raise Refused("none", "There is no such row: send it again.")


def accepted_where_not_ready(self: Any, pending: Pending) -> PostedEntry:
    found = posting("PatientPosting").resolve(self, pending)
    return found if isinstance(found, PostedEntry) else row_of(pending)


def another_row(self: Any, pending: Pending) -> PostedEntry | Pending:
    found: PostedEntry | Pending = posting("PatientPosting").resolve(self, pending)
    return found.model_copy(update={"id": "4711"}) if isinstance(found, PostedEntry) else found


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (accepted_where_lost, "an entry whose outcome is answered by reset is told as accepted"),
        (refused_where_not_ready, "an entry whose outcome is answered by not-ready is told as refused"),
        (accepted_where_not_ready, "an entry whose outcome is answered by not-ready is told as accepted"),
        (another_row, "hours is told as accepted, and its row cannot be read"),
    ],
)
def test_a_lie_about_an_entry_that_was_accepted_first_is_seen(tried: Tried, lie: Any, told: str) -> None:
    """Whatever the payroll did not say."""
    verdict = tried("Patient", "resolve-tells-no-lie", {"resolve": lie})
    assert verdict == Verdict(Outcome.FAILED, f"NotConforming: {told}")


# -- keys -------------------------------------------------------------------------------------------------------------


def of_content(self: Any, entry: Entry, key: str) -> PostedEntry:
    """Take the content for the key."""
    found: PostedEntry = posting("KeyedPosting").post(self, entry, f"{entry.code}-{entry.amount}")
    return found


def another_id(self: Any, entry: Entry, key: str) -> PostedEntry:
    """Number the answers."""
    self.number = getattr(self, "number", 0) + 1
    found: PostedEntry = posting("KeyedPosting").post(self, entry, key)
    return found.model_copy(update={"cost_centre": str(self.number)})


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (of_content, "hours sent again under its key after its answer is there 0 times"),
        (another_id, "hours sent again under its key is answered as another row"),
    ],
)
def test_a_key_that_is_none_is_seen(tried: Tried, lie: Any, told: str) -> None:
    """Also where too little is added in the place of too much."""
    verdict = tried("Keyed", "same-key-adds-nothing", {"post": lie})
    assert verdict == Verdict(Outcome.FAILED, f"NotConforming: {told}")


# -- puts -------------------------------------------------------------------------------------------------------------


def by_number(self: Any, slot: Slot, before: tuple[PostedEntry, ...]) -> bool:
    """See only that a row came or went."""
    return len(self.read(slot)) != len(before)


def by_id(self: Any, slot: Slot, before: tuple[PostedEntry, ...]) -> bool:
    """See no amount."""
    return {row.id for row in self.read(slot)} != {row.id for row in before}


def what_is_gone(self: Any, slot: Slot, before: tuple[PostedEntry, ...]) -> bool:
    """See no row that came."""
    return not set(before) <= set(self.read(slot))


@pytest.mark.parametrize(
    ("lie", "what"), [(by_number, "an amount changed"), (by_id, "an amount changed"), (what_is_gone, "a row came")]
)
def test_a_put_that_sees_only_some_changes_is_seen(tried: Tried, lie: Any, what: str) -> None:
    """Rows that came, rows that went, and amounts that are others."""
    verdict = tried("Put", "put-of-a-changed-slot-is-not-executed", {"moved": lie})
    assert verdict.outcome is Outcome.FAILED
    assert verdict.reason == f"NotConforming: a put after {what} was taken, where an error must be raised"


def test_a_put_that_takes_a_row_of_others_away_is_seen(tried: Tried) -> None:
    """It is not only about what is in a row."""

    def put(self: Any, slot: Slot, before: tuple[PostedEntry, ...], entries: Any, key: str) -> Any:
        added = posting("PutPosting").put(self, slot, before, entries, key)
        self.withdraw(slot, before[0])
        return added

    verdict = tried("Put", "put-keeps-the-others", {"put": put})
    told = "after a put of hours, 1 of 1 rows of others are not as they were"
    assert verdict == Verdict(Outcome.FAILED, f"NotConforming: {told}")


@pytest.mark.parametrize(
    ("shape", "rule"),
    [
        ("Patient", "resolve-tells-no-lie"),
        ("Keyed", "same-key-adds-nothing"),
        ("Put", "put-of-a-changed-slot-is-not-executed"),
        ("Put", "put-keeps-the-others"),
    ],
)
def test_without_a_lie_the_rule_is_kept(tried: Tried, shape: str, rule: str) -> None:
    """So what is seen above is the lie."""
    assert tried(shape, rule, {}) == Verdict(Outcome.PASSED)
