"""Says of a simulated month what went wrong: from what payroll did and what the tables hold, by no code of the hub.

Not wrong is what nobody could know: a row that comes after the closing check has looked, and a row that a clerk typed
so that it cannot be told from ours.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

from hub.testing.simulated_payroll import Row, SimulatedPayroll
from hub.testing.simulated_plans import Line
from hub.testing.simulation import SETTLE, Simulation, SteppingStore

UNSETTLED = {"sending", "pending", "in doubt", "needs decision"}
TAKEN = {"confirmed", "verified"}
KINDS = ("doubles", "losses", "foreign", "broken")
SHOWN = {"drifted", "needs decision"}
OPEN = {"", "pending", "unknown"}


@dataclass
class Findings:
    """What is wrong, each in words. All must be empty; `counts` tells what there was and what nobody could know."""

    doubles: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in KINDS)

    def of_seed(self, seed: int) -> Findings:
        """Name the seed in each."""
        for name in KINDS:
            setattr(self, name, [f"seed {seed}: {one}" for one in getattr(self, name)])
        return self

    def add(self, other: Findings) -> None:
        """Take in what was found of another month."""
        for name in KINDS:
            getattr(self, name).extend(getattr(other, name))
        self.counts += other.counts


def play(store: SteppingStore, seeds: Iterable[int], *, beyond: bool = False) -> Findings:
    """Play the months of some seeds, one after another, and return all that is wrong, each with its seed."""
    found = Findings()
    for seed in seeds:
        month = Simulation(store, seed, beyond=beyond)
        month.play()
        found.add(findings(month).of_seed(seed))
    return found


def findings(month: Simulation) -> Findings:
    """Return what is wrong in a month that was played to its end."""
    return Oracle(month.payroll, month.planner.entries(), _verified(month), _started(month)).judge(month)


def _verified(month: Simulation) -> dict[int, float]:
    """Return when each entry was verified, in seconds of the virtual clock."""
    found = month.store.raw.execute(
        "SELECT subject, max(at) FROM audit WHERE json_extract(detail, '$.to') = 'verified' GROUP BY subject"
    )
    return {int(subject.removeprefix("entry ")): _seconds(month, at) for subject, at in found}


def _started(month: Simulation) -> dict[int, float]:
    """Return when the first attempt of each entry was written down, in seconds of the virtual clock."""
    found = month.store.raw.execute("SELECT one.value, min(started_at) FROM attempt, json_each(entries) one GROUP BY 1")
    return {entry: _seconds(month, at) for entry, at in found}


def _seconds(month: Simulation, at: str) -> float:
    return (datetime.fromisoformat(at) - month.began.replace(tzinfo=None)).total_seconds()


@dataclass
class Oracle:
    """Compares the entries with every row that payroll ever had.

    `verified` and `started` tell when each entry was verified and first sent.
    """

    payroll: SimulatedPayroll
    entries: list[Line]
    verified: dict[int, float]
    started: dict[int, float]
    found: Findings = field(default_factory=Findings)

    def __post_init__(self) -> None:
        self.made: dict[str, list[Row]] = defaultdict(list)
        for row in self.payroll.history:
            self.made[row.origin].append(row)
        self.owner = {
            (_place(one), one["posted_id"]): one["id"]
            for one in self.entries
            if one["posted_id"] and _is_in(one) and one["change"] != "withdraw"
        }
        self.asked = {_place(one) for one in self.entries if one["state"] == "needs decision"}

    def judge(self, month: Simulation) -> Findings:
        """Return all that is wrong."""
        for one in self.entries:
            if one["change"] != "withdraw":
                (self._judge_set if one["sets"] else self._judge_row)(one)
        self.found.foreign += [f"row {row.id} of a clerk" for row in self.payroll.foreign if not self._is_mistaken(row)]
        self.found.broken += [*month.broken, *_broken(month.store.raw, month.planner.made)]
        self.found.counts += month.counts + self.payroll.counts
        self.found.counts.update(one["state"] for one in self.entries)
        self.found.counts.update(seeds=1, workers=month.workers, doubts=_doubts(month.store.raw))
        return self.found

    # -- rows with an id ----------------------------------------------------------------------------------------------

    def _judge_row(self, entry: Line) -> None:
        self._sent_twice(entry)
        mine = [row for row in self.made[entry["comment"]] if row.gone_at is None]
        mine = [row for row in mine if self.owner.get((row.place, row.id), entry["id"]) == entry["id"]]
        if entry["state"] in TAKEN:
            rightly = [row for row in mine if row.id == entry["posted_id"]] or mine[:1]
            extra = [row for row in mine if row not in rightly]
            self._double(entry, extra)
            self._lost(entry, mine)
        elif entry["state"] in SHOWN:
            self._alarm(entry)
        else:
            self._unsaid(entry, mine)

    def _sent_twice(self, entry: Line) -> None:
        """Judge the rows of an entry that came of several calls and were there together: those the hub made itself."""
        rows = [row for row in self.made[entry["comment"]] if row.at - row.called_at <= SETTLE]
        for one, other in combinations(rows, 2):
            if one.called_at != other.called_at and (one.gone_at is None or one.gone_at > other.at):
                self.found.doubles.append(f"{_told(entry)}: sent at {one.called_at:.2f} and {other.called_at:.2f}")

    def _double(self, entry: Line, extra: list[Row]) -> None:
        for row in extra:
            if _place(entry) in self.asked and entry["state"] == "confirmed":
                self.found.counts["double where a person is asked"] += 1
            elif row.shown_at > self._seen(entry):
                self.found.counts["came after the closing check"] += 1
            else:
                self.found.doubles.append(f"{_told(entry)}: row {row.id} too, shown since {row.shown_at:.2f}")

    def _lost(self, entry: Line, mine: list[Row]) -> None:
        if mine or (entry["state"] == "confirmed" and _place(entry) in self.asked):
            return
        rows = [row for row in self.payroll.history if row.id == entry["posted_id"] and row.place == _place(entry)]
        like = [row for row in rows if (row.code, row.amount) == (entry["code"], entry["amount"])]
        seen = self._seen(entry)
        if not any(row.at <= seen and (row.gone_at is None or row.gone_at > seen) for row in like):
            self.found.losses.append(f"{_told(entry)}: row {entry['posted_id']} was not there at {seen:.2f}")
        elif like[-1].gone_at is None:
            self._like_mine(entry, like[-1])
        elif like[-1].taken_by != "clerk" and not self._changed_by_other(entry):
            self.found.losses.append(f"{_told(entry)}: the hub took row {entry['posted_id']} away")

    def _like_mine(self, entry: Line, row: Row) -> None:
        """Judge an equal row that the hub holds for this entry's and that another made."""
        if row.origin or self._is_mistaken(row):
            self.found.counts["an equal row taken for ours"] += 1
        else:
            self.found.losses.append(f"{_told(entry)}: that row is a clerk's")

    def _is_mistaken(self, row: Row) -> bool:
        """Tell whether a clerk typed a row that the hub had to take for an entry's: equal, and while that was sent."""
        return any(
            (row.id, row.code, row.amount) == (one["posted_id"], one["code"], one["amount"])
            and row.shown_at > self._read_before(one)
            for one in self.entries
        )

    def _read_before(self, entry: Line) -> float:
        started = self.started.get(entry["id"], float("inf"))
        return max((at for at in self.payroll.reads[_place(entry), entry["run"]] if at <= started), default=-1.0)

    def _changed_by_other(self, entry: Line) -> bool:
        """Tell whether another entry that changes this one's row is not settled: then a person is asked."""
        return any(one["replaces"] == entry["id"] and one["state"] in SHOWN for one in self.entries)

    def _unsaid(self, entry: Line, mine: list[Row]) -> None:
        """Judge rows of an entry of which the hub says that payroll does not hold it."""
        for row in mine:
            if row.at - row.called_at > SETTLE:
                self.found.counts["came after the settle time"] += 1
            elif row.shown_at > self._seen(entry):
                self.found.counts["came after the closing check"] += 1
            else:
                self.found.doubles.append(f"{_told(entry)}, but payroll holds row {row.id} since {row.at:.2f}")

    def _alarm(self, entry: Line) -> None:
        """Judge an entry that is shown as a double: payroll must have held another such row, of none of our entries."""
        owned = {one["posted_id"] for one in self.entries if _place(one) == _place(entry)}
        wanted = (_place(entry), entry["code"], entry["amount"])
        rows = (row for row in self.payroll.history if row.id not in owned)
        if "more than once" in entry["reason"] and not any((row.place, row.code, row.amount) == wanted for row in rows):
            self.found.broken.append(f"{_told(entry)}: there never was another such row")

    def _seen(self, entry: Line) -> float:
        """Return when the slot of an entry was read last before it was verified; endless if it never was."""
        verified = self.verified.get(entry["id"])
        if verified is None:
            return float("inf")
        read = self.payroll.reads[_place(entry), entry["run"]]
        return max((at for at in read if at <= verified + 0.001), default=-1.0)

    # -- amounts that are set -----------------------------------------------------------------------------------------

    def _judge_set(self, entry: Line) -> None:
        held = [row for row in self.payroll.held(_place(entry)) if row.code == entry["code"]]
        if entry["state"] in TAKEN:
            self._judge_held(entry, held)
        elif entry["state"] not in SHOWN and not self._is_set_by_another(entry, held):
            self._unsaid(entry, [row for row in held if row.origin == entry["comment"]])

    def _is_set_by_another(self, entry: Line, held: list[Row]) -> bool:
        """Tell whether payroll holds what another entry set: one of the same amount was perhaps found, not made."""
        key, amount = (_place(entry), entry["code"]), sum(row.amount for row in held)
        return any((_place(one), one["code"]) == key and one["amount"] == amount for one in self.entries if _is_in(one))

    def _judge_held(self, entry: Line, held: list[Row]) -> None:
        if sum(row.amount for row in held) == entry["amount"]:
            return
        by_hand = [row for row in self.payroll.history if row.place == _place(entry) and _touched(row)]
        touched = max((row.at if not row.origin else row.gone_at or 0.0 for row in by_hand), default=-1.0)
        asked = _place(entry) in self.asked
        if touched > self._seen(entry) or (asked and entry["state"] == "confirmed"):
            self.found.counts["changed by hand after the closing check"] += 1
            return
        self.found.losses.append(f"{_told(entry)}: payroll holds {[(row.amount, row.origin) for row in held]}")


def _is_in(entry: Line) -> bool:
    return entry["state"] in TAKEN | {"drifted"}


def _touched(row: Row) -> bool:
    return not row.origin or row.taken_by == "clerk"


def _place(entry: Line) -> str:
    return f"{entry['employee']} {entry['kind']}"


def _told(entry: Line) -> str:
    return f"entry {entry['id']} ({entry['change']} {entry['amount']} as row {entry['posted_id']}) is {entry['state']}"


# -- what must hold in the tables -------------------------------------------------------------------------------------


def _broken(raw: sqlite3.Connection, made: int) -> list[str]:
    states = dict(raw.execute("SELECT id, state FROM entry"))
    attempts = raw.execute("SELECT id, outcome, entries, employee || ' ' || kind, fault FROM attempt").fetchall()
    calls = [(number, outcome, json.loads(ids), place, fault) for number, outcome, ids, place, fault in attempts]
    return [
        *([] if len(states) == made else [f"{made} entries were made and {len(states)} are there"]),
        *(f"entry {number} was left {state}" for number, state in states.items() if state == "sending"),
        *_open_attempts(calls, states),
        *_sent_too_often(calls),
        *_trail(raw, states),
    ]


def _doubts(raw: sqlite3.Connection) -> int:
    return int(raw.execute("SELECT count(*) FROM audit WHERE json_extract(detail, '$.to') = 'in doubt'").fetchone()[0])


def _open_attempts(calls: list[Any], states: dict[int, str]) -> list[str]:
    wrong, places, entries = [], Counter[str](), set()
    for number, outcome, ids, place, _ in calls:
        if outcome in OPEN:
            places[place] += 1
            entries.update(ids)
            wrong += [
                f"attempt {number} is open and entry {one} is {states[one]}"
                for one in ids
                if states[one] not in UNSETTLED
            ]
    wrong += [f"{count} attempts are open for {place}" for place, count in places.items() if count > 1]
    bare = [one for one, state in states.items() if state in UNSETTLED and one not in entries]
    return wrong + [f"entry {one} is {states[one]} without an open attempt" for one in bare]


def _sent_too_often(calls: list[Any]) -> list[str]:
    """Find what payroll got again though it did not take it twice, after the same fault; a crash of the hub is none."""
    absent: Counter[tuple[str, str]] = Counter()
    wrong = []
    for number, outcome, ids, _, fault in calls:
        if any(count > 1 for (key, _), count in absent.items() if key == str(ids)):
            wrong.append(f"attempt {number} was made after two that came to nothing in the same way")
        absent[str(ids), fault] += outcome == "absent" and not fault.startswith("the hub stopped")
    return wrong


def _trail(raw: sqlite3.Connection, states: dict[int, str]) -> list[str]:
    """Follow each entry through the audit trail, from planned to what it is."""
    now = dict.fromkeys(states, "planned")
    wrong = []
    for subject, text in raw.execute("SELECT subject, detail FROM audit WHERE action = 'entry' ORDER BY id"):
        number, detail = int(subject.removeprefix("entry ")), json.loads(text)
        if detail["from"] != now[number]:
            wrong.append(f"entry {number} went from {detail['from']} while it was {now[number]}")
        now[number] = detail["to"]
    return wrong + [
        f"entry {one} is {state}, its trail ends {now[one]}" for one, state in states.items() if now[one] != state
    ]
