"""What a simulated host releases: runs with entries that add, set, change and take away, as a plan would make them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import col

from hub.export.states import EntryState
from hub.store.database import Store
from hub.store.exports import Entry, Plan, Run
from hub.testing.simulated_clerk import Usual
from hub.testing.simulated_nature import Nature

COMPANY, PROVIDER, ADMINISTRATION = "acme", "simulated", "1"
PERIOD = {"year": 2026, "number": 10, "start": date(2026, 10, 1), "end": date(2026, 10, 31)}
AMOUNTS = (800, 800, 800, 400, 1250)
KEYS = (("100", "A"), ("100", "B"), ("150", "A"), ("150", None))
UNSETTLED = {"sending", "pending", "in doubt", "needs decision"}
IN_PAYROLL = {"confirmed", "verified", "drifted"}

Line = dict[str, Any]


@dataclass
class Planner:
    """Plans runs of one company in one wage period. `usual` is what was planned so far, for a clerk to type too."""

    store: Store
    random: Random
    nature: Nature
    runs: list[int] = field(default_factory=list)
    usual: list[Usual] = field(default_factory=list)
    made: int = 0
    _over: dict[str, frozenset[int]] = field(default_factory=dict)

    def may_set_over(self, comment: str) -> frozenset[int]:
        """Return the amounts that an entry may set over: what was there when it was planned, or nothing."""
        return self._over.get(comment, frozenset())

    # -- plans --------------------------------------------------------------------------------------------------------

    def plan_first(self) -> None:
        """Plan a run with one to four entries in each of one to three slots, and sometimes another beside it."""
        slots = [
            ("e1", "hours"),
            ("e2", "hours"),
            ("e3" if self.nature.put else "e1", "wage" if self.nature.put else "days"),
        ]
        slots = slots[: self.random.choice([1, 1, 1, 2, 2, 3])]
        lines = [line for slot in slots for line in self._first_lines(*slot)]
        beside = [line for line in lines if not line["sets"] and self.random.random() < 0.1]
        self._release([line for line in lines if line not in beside])
        self._release(beside)

    def _first_lines(self, employee: str, kind: str) -> list[Line]:
        if kind == "days":
            return [self._line(employee, kind, "days", None, sets=True)]
        keys = self.random.sample(KEYS, self.random.choice([1, 1, 1, 2, 2, 3, 4]))
        return [self._line(employee, kind, *key) for key in keys]

    def plan_more(self) -> None:
        """Plan another run on what is confirmed now: more of a key, another amount set, a row changed or taken away."""
        entries = self.entries()
        lines = []
        for key in sorted({_key(one) for one in entries}, key=repr):
            same = [one for one in entries if _key(one) == key]
            if self.random.random() < 0.5 and not any(one["state"] in UNSETTLED for one in same):
                lines.append(self._next_line(same))
        self._release(lines)

    def _next_line(self, same: list[Line]) -> Line:
        last, there = same[-1], [one for one in same if one["state"] in ("confirmed", "verified")]
        before = confirmed(same)
        line = self._line(*_key(last), sets=bool(last["sets"]), before=before)
        rows = [one for one in there if one["change"] != "withdraw"]
        if line["sets"]:
            return {**line, "amount": self.random.choice([300, 500, 800])}
        if rows and not self.nature.put and self.random.random() < 0.6:
            old = self.random.choice(rows)
            change = self.random.choice(["replace", "withdraw"])
            return {**line, "change": change, "replaces": old["id"], "amount": 950 if change == "replace" else 0}
        return line

    def _line(self, employee: str, kind: str, code: str, centre: str | None, **more: Any) -> Line:  # noqa: ANN401
        line = {"employee": employee, "kind": kind, "code": code, "cost_centre": centre, "sets": False, "before": 0}
        start = {"change": "post", "replaces": None, "amount": self.random.choice(AMOUNTS), "shown": None}
        return {**line, **start, **more}

    def _release(self, lines: list[Line]) -> None:
        if not lines:
            return
        with self.store.engine.execution_options(hub_writes=True).begin() as connection:
            plan = insert(Plan).values(
                company_id=COMPANY,
                provider=PROVIDER,
                administration=ADMINISTRATION,
                year=PERIOD["year"],
                number=PERIOD["number"],
                hash="",
                body={},
            )
            number = connection.execute(plan.returning(col(Plan.id))).scalar_one()
            new = insert(Run).values(company_id=COMPANY, plan=number)
            run = connection.execute(new.returning(col(Run.id))).scalar_one() or 0
            connection.execute(insert(Entry), [self._row(run, line) for line in lines])
        self.runs.append(run)

    def _row(self, run: int, line: Line) -> Line:
        self.made += 1
        comment = f"payroll-hub plan {run} entry {self.made}"
        self._over[comment] = frozenset({0, line["before"]})
        place = f"{line['employee']} {line['kind']}"
        self.usual.append(Usual(place, line["code"], line["amount"], line["cost_centre"], line["sets"]))
        return {
            **line,
            **PERIOD,
            "company_id": COMPANY,
            "run": run,
            "provider": PROVIDER,
            "administration": ADMINISTRATION,
            "for_year": PERIOD["year"],
            "for_number": PERIOD["number"],
            "comment": comment,
            "state": EntryState.PLANNED,
        }

    # -- what became of them ------------------------------------------------------------------------------------------

    def entries(self) -> list[Line]:
        """Return every entry as it is stored, oldest first."""
        with self.store.engine.connect() as connection:
            found = connection.execute(select(*COLUMNS).order_by(col(Entry.id))).mappings().all()
        return [dict(one) for one in found]

    def unsettled(self) -> list[int]:
        """Return the runs in which the hub still has something to do; what else is left waits for a person."""
        entries = self.entries()
        asked = {(one["employee"], one["kind"]) for one in entries if one["state"] == "needs decision"}
        return sorted({one["run"] for one in entries if _has_work(one, asked)})


NAMES = ("id", "run", "employee", "kind", "code", "cost_centre", "amount", "sets", "change", "replaces", "before")
COLUMNS = tuple(col(getattr(Entry, name)) for name in (*NAMES, "state", "posted_id", "comment", "reason"))


def _key(line: Line) -> tuple[str, str, str, str | None]:
    return line["employee"], line["kind"], line["code"], line["cost_centre"]


def _has_work(entry: Line, asked: set[tuple[str, str]]) -> bool:
    """Tell whether the hub can go on with an entry: where a person is `asked` about its slot, nothing goes on there."""
    if entry["state"] in ("planned", "confirmed"):
        return (entry["employee"], entry["kind"]) not in asked
    return entry["state"] in ("sending", "pending", "in doubt")


def confirmed(same: list[Line]) -> int:
    """Add up what was confirmed of one key; what was set counts as set last."""
    total = 0
    for one in same:
        if one["state"] in IN_PAYROLL and one["change"] != "withdraw":
            total = one["amount"] if one["sets"] else total + one["amount"]
    return total
