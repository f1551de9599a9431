"""The plan: what an export would do, entry by entry, with the refusals and what payroll holds now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from hub.connection import Connection
from hub.destination import GuardedPosting
from hub.export.planning.about_file import about_file
from hub.export.planning.basis import Basis, Scope
from hub.export.planning.draft import Blocks, Draft, Why, draft, entries_of, slot_of
from hub.export.planning.line import Line
from hub.export.states import Change
from hub.models import ExportRequest, Finding, Kind, Model, Severity, Slot, ValidateRequest, WagePeriod
from hub.timecards import AnyCard


class Exported(Model):
    """A row that payroll took of an earlier run, in hundredths. `posted_id` is the provider's, or empty."""

    employee: str
    kind: Kind
    code: str
    cost_centre: str | None
    amount: int
    run: int
    posted_id: str


class PlanBody(Model):
    """Everything a plan says. Cards are (id, revision); `held` wait for somebody, `left` rightly stay."""

    scope: Scope
    period: WagePeriod
    lines: tuple[Line, ...]
    going: tuple[tuple[str, int], ...]
    held: tuple[Finding, ...]
    left: tuple[Finding, ...]
    already: int = 0
    exported: tuple[Exported, ...] = ()
    warnings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the plan for a column of JSON, with its many tuples as they are: they are written as lists anyway."""
        rest = self.model_dump(mode="json", exclude={"lines", "going"})
        return {**rest, "lines": [one.as_json() for one in self.lines], "going": self.going}

    @property
    def to_send(self) -> tuple[Line, ...]:
        """The lines that send something."""
        return tuple(line for line in self.lines if line.state != "already")

    @property
    def hash(self) -> str:
        """A SHA-256 over what would be sent or overwritten, and nothing else: rows of others do not change it."""
        sent = [
            [
                *(one.employee, one.kind, one.code, one.cost_centre, one.amount, one.before, one.sets and one.payroll),
                *(one.change, one.replaces, one.period and [one.period.year, one.period.number]),
            ]
            for one in self.to_send
        ]
        scope = [self.scope.provider, self.scope.administration, self.period.model_dump(mode="json")]
        content = [*scope, self.scope.past_period, sent, sorted(self.going)]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def make_plan(basis: Basis, connection: Connection, today: date, *, online: bool = True) -> PlanBody:
    """Work out the plan. Online it reads what payroll holds in every slot it would change; offline it opens nothing."""
    blocks = Blocks()
    drafted, findings = _validated(basis, connection, blocks, today, online)
    lines = drafted.lines
    if online and not connection.renders and any(line.state != "already" for line in lines):
        rows = _Reading(
            basis, connection.export(ExportRequest(administration=basis.administration, period=basis.period))
        )
        lines = rows.compare(lines)
        if _settle_days(basis, blocks, lines):
            drafted = draft(basis, blocks)
            lines = rows.compare(drafted.lines)
    warnings = [one for one in findings if one.severity is not Severity.BLOCK]
    return PlanBody(
        scope=basis.scope,
        period=basis.period,
        lines=lines,
        going=tuple((card.id, card.revision) for card in drafted.going),
        held=drafted.held,
        left=drafted.left,
        already=len(drafted.exported),
        exported=tuple(_exported(basis)),
        warnings=(*warnings, *_foreign(basis, lines)),
    )


def _exported(basis: Basis) -> Iterator[Exported]:
    for key, rows in sorted(basis.posted.rows.items(), key=str):
        for row in rows:
            yield Exported(**key._asdict(), amount=row.amount, run=row.run, posted_id=row.posted_id)


def _validated(
    basis: Basis, connection: Connection, blocks: Blocks, today: date, online: bool
) -> tuple[Draft, tuple[Finding, ...]]:
    """Draft and validate until nothing more is blocked: what blocks one entry holds every card that feeds it."""
    while True:
        drafted = draft(basis, blocks)
        sending = tuple(line for line in drafted.lines if line.state != "already" and line.change is not Change.REBOOK)
        entries = entries_of(basis, sending)
        asked = ValidateRequest(
            administration=basis.administration, period=basis.period, entries=entries, today=today, online=online
        )
        findings = (
            *connection.validate(asked),
            *about_file(basis, [line for line in drafted.lines if line.state != "already"]),
        )
        size = blocks.size()
        for finding in findings:
            if finding.severity is Severity.BLOCK:
                _block(blocks, drafted, sending, finding)
        if blocks.size() == size:
            return drafted, findings


def _block(blocks: Blocks, drafted: Draft, sending: tuple[Line, ...], finding: Finding) -> None:
    """Hold the cards that a finding is about: green ones, and white ones of which more would be sent.

    What takes back a card that is gone has no card to hold: then all of that person waits.
    """
    feeding = {one.timecard for line in sending for one in line.contributions}
    cards = (*drafted.going, *(one for one in drafted.exported if one.id in feeding))
    about = [one for one in cards if _touches(one, drafted.targets.places[one.id].employee, sending, finding)]
    for card in about:
        blocks.cards.setdefault(card.id, finding.model_copy(update={"timecard": card.id, "member": card.member}))
    if about:
        return
    entry = sending[finding.entry] if finding.entry is not None and 0 <= finding.entry < len(sending) else None
    employee = entry.employee if entry else finding.employee
    if employee:
        blocks.employees.setdefault(employee, Why(finding.code, finding.text, finding.action))


def _touches(card: AnyCard, employee: str, sending: tuple[Line, ...], finding: Finding) -> bool:
    """Tell whether a finding is about a card: by its entry or its ids; one that names nothing known is about all."""
    if finding.entry is not None and 0 <= finding.entry < len(sending):
        return any(one.timecard == card.id for one in sending[finding.entry].contributions)
    if finding.timecard or finding.employee or finding.member:
        return (
            card.id == finding.timecard
            or employee == finding.employee
            or (card.member == finding.member and not finding.timecard)
        )
    return True


class _Reading:
    """What payroll holds, slot by slot; each slot is read once."""

    def __init__(self, basis: Basis, posting: GuardedPosting) -> None:
        self._basis = basis
        self._posting = posting
        self._codes: dict[Slot, dict[str, int]] = {}

    def compare(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        """Return the lines with what payroll holds under their code, where they send something."""
        return tuple(
            line if line.state == "already" else line.model_copy(update={"payroll": self._held(line)}) for line in lines
        )

    def _held(self, line: Line) -> int:
        slot = slot_of(self._basis, line)
        if slot not in self._codes:
            rows = sorted(self._posting.read(slot), key=lambda row: row.code)
            self._codes[slot] = {
                code: sum(row.amount for row in same) for code, same in groupby(rows, lambda row: row.code)
            }
        return self._codes[slot].get(line.code, 0)


def _settle_days(basis: Basis, blocks: Blocks, lines: Iterable[Line]) -> bool:
    """Keep, or ask about, days that payroll holds and we did not set; tell whether the draft must be made again."""
    foreign = [
        one.employee for one in lines if one.kind is Kind.DAYS and one.difference and one.payroll not in (0, one.before)
    ]
    if basis.scope.days == "keep":
        blocks.kept_days.update(foreign)
    elif basis.scope.days == "ask":
        why = Why(
            "days_in_payroll",
            "payroll already holds days worked for this person that the hub did not set",
            "Choose whether they are kept or overwritten, and plan again.",
        )
        blocks.employees.update(dict.fromkeys(foreign, why))
    return bool(foreign) and basis.scope.days != "overwrite"


def _foreign(basis: Basis, lines: Iterable[Line]) -> Iterator[Finding]:
    """Warn where payroll holds more under a code than the hub posted, or less: somebody typed there by hand."""
    held = {(one.employee, one.kind, one.code): one.payroll for one in lines if not one.period}
    for (employee, kind, code), payroll in held.items():
        ours = basis.posted.in_slots.get((employee, kind, code), 0)
        others = 0 if kind is Kind.DAYS or payroll is None else payroll - ours
        if others > 0:
            text = f"payroll holds {others / 100:.2f} under {code} for employee {employee} that the hub did not post"
            yield _warning(
                "others_in_payroll", text, "Check that these are not the same hours, typed by hand.", employee
            )
        elif others < 0:
            text = f"payroll holds {-others / 100:.2f} less under {code} for employee {employee} than the hub posted"
            yield _warning("less_in_payroll", text, "Check who took it out: the hub does not send it again.", employee)


def _warning(code: str, text: str, action: str, employee: str) -> Finding:
    return Finding(code=code, severity=Severity.WARN, text=text, action=action, employee=employee)
