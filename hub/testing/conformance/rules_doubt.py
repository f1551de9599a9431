"""Rules about a posting whose answer does not come, or is none: unknown, told as such, and never sent again."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

from functools import partial

from hub.errors import HubError, NotExecuted, Refused, Transient, UnknownOutcome
from hub.models import Kind, Pending
from hub.testing.conformance.bench import Bench, Opened
from hub.testing.conformance.rule import POSTS, READS, Group, NotApplicable, NotConforming, Rule, expect, rule
from hub.testing.faults import RETRY_AFTER_SECONDS

ID_0 = "id-0"
"""A fault of the remote's own: it does what is asked, and answers with the id 0."""

NOT_READY = "not-ready"
"""A fault of the remote's own: asked what became of an entry that it accepted, it has nothing to tell yet."""

_WHY = "Payroll may have done what was asked: taken for refused it is paid twice, taken for done it is forgotten."


def _is_unknown(faults: tuple[str, ...], bench: Bench) -> None:
    """Every kind of posting whose answer is spoilt raises `UnknownOutcome`."""
    opened = bench.open(seconds=bench.kit.patience if "hang" in faults else 10)
    for kind in opened.kinds[:1] if "hang" in faults else opened.kinds:
        for fault in faults:
            error = opened.spoilt_post(kind, fault)
            right = isinstance(error, UnknownOutcome)
            expect(right, f"a posting of {kind} answered by {fault} raises {type(error).__name__}, not UnknownOutcome")


def _unknown(id: str, *faults: str) -> Rule:
    def check(bench: Bench) -> None:
        _is_unknown(faults, bench)

    check.__wrapped__ = _is_unknown  # type: ignore[attr-defined]  # what is shown as its source
    check.__doc__ = f"A posting that is answered by {' or '.join(faults)} raises `UnknownOutcome`."
    return rule(id, _WHY, Group.DOUBT, POSTS)(check)


timeout_is_unknown = _unknown("timeout-is-unknown", "hang")
reset_is_unknown = _unknown("reset-is-unknown", "reset")
cut_answer_is_unknown = _unknown("cut-answer-is-unknown", "close", "cut-headers", "cut-body", "cut-chunked")
web_page_is_unknown = _unknown("web-page-is-unknown", "html-502", "html-503", "html-200")
redirect_is_unknown = _unknown("redirect-is-unknown", "redirect-302", "redirect-307")
empty_answer_is_unknown = _unknown("empty-answer-is-unknown", "empty")


@rule("answer-without-an-id-is-unknown", "Only the id of a row proves that there is one.", Group.DOUBT, POSTS)
def answer_without_an_id_is_unknown(bench: Bench) -> None:
    """A posting that is answered by the id 0 raises `UnknownOutcome`."""
    opened = bench.open()
    if ID_0 not in opened.remote.own_faults:
        raise NotApplicable(f"its remote has no fault {ID_0}")
    for kind in (one for one in opened.kinds if one is not Kind.DAYS):  # days are set, and may have no id
        error = opened.spoilt_post(kind, ID_0)
        expect(isinstance(error, UnknownOutcome), f"a posting of {kind} answered by id 0 raises {type(error).__name__}")


@rule("write-is-sent-once", "What is sent again after a lost answer may be paid twice.", Group.DOUBT, POSTS)
def write_is_sent_once(bench: Bench) -> None:
    """However its answer is spoilt, a posting arrives at the remote once."""
    opened = bench.open()
    for kind in opened.kinds:
        writes = opened.writes(kind)
        for fault in ("close", "cut-body", "html-502", "throttle-429", "throttle-503"):
            called = opened.calling(partial(opened.spoilt_post, kind, fault))
            often = max(called[one] for one in writes)
            expect(often == 1, f"a posting of {kind} answered by {fault} was sent {often} times")


@rule("throttling-is-honoured", "Whoever goes on calling is shut out, for all companies.", Group.DOUBT, POSTS)
def throttling_is_honoured(bench: Bench) -> None:
    """A posting that is answered by 429 or 503 with Retry-After tells the seconds, and is not refused."""
    opened = bench.open()
    for kind in opened.kinds:
        for fault in ("throttle-429", "throttle-503"):
            error = _reason(opened.spoilt_post(kind, fault))
            right = isinstance(error, UnknownOutcome | Transient)
            expect(right, f"a posting answered by {fault} raises {type(error).__name__}")
            pause = getattr(error, "retry_after", None)
            expect(pause == RETRY_AFTER_SECONDS, f"the pause that {fault} asks for is told as {pause} seconds")


def _reason(error: HubError) -> HubError:
    return error.reason if isinstance(error, NotExecuted) else error


# -- what is accepted first and answered later ------------------------------------------------------------------------

_LOST = ("reset", "close", "cut-body", "html-502", "html-200", "redirect-302", "empty", "throttle-503")


@rule(
    "resolve-tells-no-lie",
    "Taken for refused it is sent again and paid twice; taken for accepted nobody looks whether it was paid.",
    Group.DOUBT,
    POSTS,
    READS,
    after=("posted-is-readable",),
)
def resolve_tells_no_lie(bench: Bench) -> None:
    """Where it is lost or not known yet what became of an entry, asking raises an error or it stays `Pending`."""
    opened = bench.open()
    faults = (*_LOST, NOT_READY) if NOT_READY in opened.remote.own_faults else _LOST
    for kind in opened.kinds:
        pending = opened.send(opened.entry(kind))
        if not isinstance(pending, Pending):
            raise NotApplicable("it answers at once")
        asked = opened.calling(partial(opened.posting.resolve, pending))
        for fault in faults:
            with opened.spoilt(fault, asked):
                _stays_open(opened, pending, fault)
        posted = opened.settled(pending)
        rows = opened.read(kind)
        expect(posted.id in [row.id for row in rows], f"{kind} is told as accepted, and its row cannot be read")


def _stays_open(opened: Opened, pending: Pending, fault: str) -> None:
    """Ask for an entry while the answer to that is spoilt."""
    try:
        answer = opened.posting.resolve(pending)
    except Refused:
        raise NotConforming(f"an entry whose outcome is answered by {fault} is told as refused") from None
    except HubError:
        return
    expect(isinstance(answer, Pending), f"an entry whose outcome is answered by {fault} is told as accepted")
