"""Rules about the hub at work with a provider: a whole export, a crash in the middle of one, and a correction."""

from __future__ import annotations

from collections import Counter

from hub.intake.shapes import Deletion
from hub.provider import Capability
from hub.testing.conformance.bench import Bench
from hub.testing.conformance.hub_bench import AtHub, Rows, added, at_hub
from hub.testing.conformance.rule import READS, SYNCS, Alternatives, Group, expect, rule

HOURS: Alternatives = (Capability.POST_HOURS,)
REPLACES_HOURS: Alternatives = (Capability.REPLACE_HOURS,)
WITHDRAWS_HOURS: Alternatives = (Capability.WITHDRAW_HOURS,)

_AFTER = (
    "posted-is-readable",
    "amounts-are-exact",
    "slot-reads-the-same-twice",
    "new-instance-does-the-same",
    "connections-share-nothing",
    "nothing-outlives-an-instance",
    "results-survive-json",
    "amounts-are-whole-hundredths",
    "validate-writes-nothing",
)
_RUN = "run-accounts-for-every-entry"
_MINUTES = (433, 521, 77, 290)
"""Worked minutes that are no whole hundredths of an hour, for each of some people."""


@rule(
    "run-accounts-for-every-entry",
    "What was approved must be what is paid, for everybody, and nobody counts it by hand.",
    Group.HUB,
    SYNCS,
    HOURS,
    READS,
    after=_AFTER,
)
def run_accounts_for_every_entry(bench: Bench) -> None:
    """After an export of several people the remote holds each entry of the plan, and no hundredth more."""
    with at_hub(bench) as work:
        before = work.rows
        cards = [
            work.card(f"c{day}-{one}", one, _MINUTES[one], day=day) for one in range(len(work.people)) for day in (1, 2)
        ]
        plan = work.release(*cards)
        work.finish(plan)
        found = added(work.rows, before)
        wanted = Counter({(line.employee, line.code): line.amount for line in plan.lines})
        expect(len(plan.lines) == len(wanted) == len(work.people) * len(work.codes), "the plan lacks somebody")
        expect(found == wanted, f"{wanted.total()} hundredths were planned, and {found.total()} are there")


@rule(
    "crash-leaves-each-entry-once",
    "A process dies, and with it what it knew of the call that it made last.",
    Group.HUB,
    SYNCS,
    HOURS,
    READS,
    after=(*_AFTER, _RUN, "same-key-adds-nothing"),
)
def crash_leaves_each_entry_once(bench: Bench) -> None:
    """Where the hub dies between two entries, before a call or after its answer, and goes on, each is there once."""
    with at_hub(bench, alone=True) as work:
        for place, (moment, step) in enumerate((("before the call", "check"), ("after the answer", "finish"))):
            before, people = work.rows, [(2 * place + one) % len(work.people) for one in (0, 1)]
            plan = work.release(*(work.card(f"{step}-{one}", one, _MINUTES[one], day=place) for one in people))
            work.crash(plan, step)
            run = work.finish(plan)
            new = [one for one in work.rows if one not in before]
            expect(
                len(new) == len(run.entries), f"a crash {moment} left {len(new)} rows for {len(run.entries)} entries"
            )


@rule(
    "correction-replaces-its-own-row",
    "A row that looks the same may be a clerk's.",
    Group.HUB,
    SYNCS,
    HOURS,
    READS,
    REPLACES_HOURS,
    after=(*_AFTER, _RUN, "replace-touches-its-own-row"),
)
def correction_replaces_its_own_row(bench: Bench) -> None:
    """After a timecard was corrected its rows hold what it says now, and those of others, equal too, are as before."""
    with at_hub(bench) as work:
        _, others = _exported(work)
        plan = work.release(work.card("c0", 0, _MINUTES[1], revision=2))
        work.finish(plan)
        after = work.rows
        _stand(others, after)
        wanted = Counter({line.code: line.amount for line in plan.lines})
        held = Counter[str]()
        for (person, id), (code, amount) in after.items():
            if person == work.people[0] and (person, id) not in others:
                held[code] += amount
        expect(held == wanted, f"the timecard says {wanted.total()} hundredths now, and its rows hold {held.total()}")


@rule(
    "correction-withdraws-its-own-row",
    "A row that looks the same may be a clerk's.",
    Group.HUB,
    SYNCS,
    HOURS,
    READS,
    WITHDRAWS_HOURS,
    after=(*_AFTER, _RUN, "withdraw-touches-its-own-row"),
)
def correction_withdraws_its_own_row(bench: Bench) -> None:
    """After a timecard was deleted its rows are gone, and those of others, equal ones too, are as before."""
    with at_hub(bench) as work:
        own, others = _exported(work)
        work.finish(work.release(Deletion(id="c0", revision=2)))
        after = work.rows
        _stand(others, after)
        left = [one for one in own if one in after]
        expect(not left, f"a timecard was deleted, and {len(left)} of its {len(own)} rows are still there")


def _exported(work: AtHub) -> tuple[Rows, Rows]:
    """Export a timecard each of two people, beside equal rows of a clerk; return the rows of the first, and others."""
    plan = work.release(*(work.card(f"c{one}", one, _MINUTES[0]) for one in (0, 1)))
    for line in plan.lines:
        work.type_in(line)
    typed = work.rows
    work.finish(plan)
    rows = work.rows
    own = {one: row for one, row in rows.items() if one not in typed and one[0] == work.people[0]}
    expect(own, "what was exported for somebody is not there")
    return own, {one: row for one, row in rows.items() if one not in own}


def _stand(others: Rows, after: Rows) -> None:
    changed = [one for one, row in others.items() if after.get(one) != row]
    expect(not changed, f"{len(changed)} rows of others changed with a correction")
