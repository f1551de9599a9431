"""Settling what is in doubt: by reading the slot back, by asking, or by sending again where that is harmless."""

from __future__ import annotations

from hub.errors import Refused
from hub.export.posting.calls import accepted, make
from hub.export.posting.jobs import Call, Ending
from hub.export.posting.reconcile import Verdict, agree, judge
from hub.export.posting.worker import Worker
from hub.export.states import Change, Outcome
from hub.models import Pending

UNREADABLE = "this payroll cannot be read back"


def look(worker: Worker, call: Call) -> bool:
    """Look once at a call that is pending or in doubt; return whether it is settled, or waits for a person.

    Raises `HubError` where payroll could not be asked: then nothing has changed.
    """
    worker.looked.add(call.id)
    if call.outcome is Outcome.PENDING:
        return _resolve(worker, call)
    if worker.able.idempotent and all(job.change is Change.POST for job in call.jobs):
        return _send_the_same(worker, call)
    if not worker.able.read:
        worker.journal.ask(call, UNREADABLE)
        return True
    return _read_back(worker, call)


def _resolve(worker: Worker, call: Call) -> bool:
    worker.pace.wait()
    try:
        answer = worker.posting.resolve(Pending(id=call.receipt, slot=call.slot))
    except Refused as error:
        worker.record(call, Ending(Outcome.REFUSED, fault=error.text, action=f"For the {error.who}."))
        return True
    if isinstance(answer, Pending):
        return False
    worker.record(call, accepted(call, (answer,)))
    return True


def _send_the_same(worker: Worker, call: Call) -> bool:
    """Send the same call under the same key: the provider does nothing twice."""
    worker.pace.wait()
    worker.journal.check()
    ending = make(worker.posting, call, worker.able)
    rows = tuple(row for row in ending.rows if row)
    if ending.outcome is Outcome.ACCEPTED:
        worker.journal.found(call, rows)
    elif ending.outcome is Outcome.REFUSED:
        worker.journal.refused(call, ending)
    return ending.outcome in (Outcome.ACCEPTED, Outcome.REFUSED)


def _read_back(worker: Worker, call: Call) -> bool:
    rows = worker.read(call.slot)
    judgement = judge(call, rows, worker.ours(call.slot, call))
    if judgement.verdict is Verdict.FOUND:
        worker.journal.found(call, judgement.rows)
    elif judgement.verdict is Verdict.UNCLEAR:
        worker.journal.ask(call, judgement.why)
    elif not waits(worker, call) and agree(rows, worker.read(call.slot)):
        worker.journal.absent(call)
    else:
        return False
    return True


def waits(worker: Worker, call: Call) -> float:
    """Return how many seconds its effect may still come; none of a call of which it is not known when it ended."""
    if call.ended is None:
        return worker.settle_seconds
    return max(0.0, worker.settle_seconds - worker.clock.moment().seconds_since(*call.ended))
