"""An export from beginning to end: validate, plan, release, run, show."""

from __future__ import annotations

from datetime import date
from threading import Event

from sqlmodel import select

from hub.activation import open_connection
from hub.bulkhead import RUN
from hub.clock import Clock, SystemClock
from hub.connection import Connection
from hub.errors import InputError, NotThere
from hub.events.kinds import EventKind
from hub.events.settled import settle
from hub.export.deciding.reread import newest
from hub.export.handing.making import make_file
from hub.export.planning.basis import Scope, administration_of, load, period_of
from hub.export.planning.collector import no_search_for_cycles
from hub.export.planning.plan import PlanBody, make_plan
from hub.export.posting.calls import Abilities
from hub.export.posting.closed import Closed, refresh
from hub.export.posting.engine import Engine
from hub.export.posting.signals import stopped_by
from hub.export.posting.start import start_run
from hub.export.posting.worker import Progress
from hub.export.report import PlanView, view_of
from hub.export.settings import export_settings
from hub.keeping.terms import check_kept
from hub.models import ExportRequest
from hub.process import Process
from hub.provider import Capability, Support
from hub.store.columns import now
from hub.store.database import Store
from hub.store.exports import Plan, Run
from hub.store.session import CompanySession


@no_search_for_cycles()
def validate(store: Store, process: Process, company: str, scope: Scope, today: date) -> PlanView:
    """Say what would be refused, without a plan and without a call to the provider."""
    with open_connection(store, process, company, scope.provider) as connection:
        with store.read(company) as session:
            check_kept(session, scope)
            basis = load(session, scope, connection)
        body = make_plan(basis, connection, today, online=False)  # a provider that hangs holds no session meanwhile
    with store.read(company) as session:
        return view_of(session, body, 0, body.hash, "")


@no_search_for_cycles()
def plan(store: Store, process: Process, company: str, scope: Scope, today: date, actor: str) -> PlanView:
    """Make a plan and keep it. Reads the state of the administration and what payroll holds; changes nothing there."""
    with store.read(company) as session:
        check_kept(session, scope)
    with open_connection(store, process, company, scope.provider) as connection:
        refresh(store, company, connection, today)
        with store.read(company) as session:
            basis = load(session, scope, connection)
        body = make_plan(basis, connection, today)
    with store.write(company) as session:
        row = _keep(session, body)
        session.audit(actor, "export planned", f"plan {row.id}", hash=row.hash, entries=len(body.to_send))
        counts = {"timecards": len(body.going), "held": len(body.held), "left": len(body.left)}
        session.tell(EventKind.EXPORT_PLANNED, row.provider, plan=row.id, entries=len(body.to_send), **counts)
        return view_of(session, body, row.id or 0, row.hash, row.released_by)


def _keep(session: CompanySession, body: PlanBody) -> Plan:
    row = Plan(
        company_id=session.company,
        provider=body.scope.provider,
        administration=body.scope.administration,
        year=body.period.year,
        number=body.period.number,
        hash=body.hash,
        body=body.as_json(),
    )
    session.add(row)
    session.flush()
    return row


def plan_row(session: CompanySession, number: int) -> Plan:
    """Return a plan. Raises `InputError` if there is none of this number."""
    row = session.exec(select(Plan).where(Plan.id == number)).first()
    if row is None:
        raise NotThere(f"There is no plan {number} in company {session.company}.")
    return row


def released(session: CompanySession, number: int) -> Plan:
    """Return a plan that was released. Raises `InputError` if there is none of this number, or nobody released it."""
    row = plan_row(session, number)
    if not row.released_by:
        raise InputError(f"Plan {number} is not released: somebody must release it first.")
    return row


def run_row(session: CompanySession, number: int) -> Run:
    """Return a run. Raises `InputError` if there is none of this number."""
    row = session.exec(select(Run).where(Run.id == number)).first()
    if row is None:
        raise NotThere(f"There is no run {number} in company {session.company}.")
    return row


def release(store: Store, company: str, number: int, by: str) -> PlanView:
    """Release a plan in the name of a person. Raises `InputError` without a name, or for a plan that sends nothing."""
    name = by.strip()
    if not name:
        raise InputError("A plan is released by a person: give a name.", command="--by")
    with store.write(company) as session:
        row = plan_row(session, number)
        if row.released_by and row.released_by != name:
            raise InputError(f"Plan {number} was released already.")
        body = PlanBody.model_validate(row.body)
        if not body.going and not body.to_send:
            raise InputError(f"Plan {number} holds nothing to export: solve what is held and plan again.")
        row.released_by, row.released_at = name, row.released_at or now()
        session.add(row)
        session.audit(name, "plan released", f"plan {number}", hash=row.hash)
        settle(session, row.company_id, EventKind.EXPORT_PLANNED, plan=number)
        period = {"administration": row.administration, "year": row.year, "number": row.number}
        settle(session, row.company_id, EventKind.REMINDER, provider=row.provider, **period)
        return view_of(session, body, number, row.hash, row.released_by)


def run(
    store: Store,
    process: Process,
    company: str,
    number: int,
    today: date,
    actor: str,
    progress: Progress = lambda done, total: None,
    *,
    clock: Clock | None = None,
    wait: bool = False,
    ends: Event | None = None,
) -> int:
    """Carry a released plan out, or go on where its run stopped. Returns the number of the run.

    SIGTERM and SIGINT, or `ends` where a worker gives one, finish the calls that are on their way and pause the run. If
    another worker has the run, nothing is done here. With `wait` it also waits until what is in doubt has settled.
    """
    marked = store.mark.known(company)
    with store.read(company) as session:
        row = plan_row(session, number)
        body = PlanBody.model_validate(row.body)
        store.mark.check(company, *newest(session), known=marked)
    with open_connection(store, process, company, row.provider, RUN) as connection:
        with store.write(company) as session:
            started = start_run(session, plan_row(session, number), actor)
            if connection.renders:
                by = actor, (clock or SystemClock()).moment().at
                make_file(session, store.vault(session), connection, body, started, by)
        set_mark(store, company)
        if not connection.renders:
            engine = _engine(store, company, connection, body, today, clock or SystemClock())
            engine.progress, engine.wait = progress, wait
            with stopped_by(engine, ends):
                engine.carry_out(started.id or 0)
            set_mark(store, company)
    return started.id or 0


def set_mark(store: Store, company: str) -> None:
    """Write outside the database how far it came, so that an old backup is noticed."""
    with store.read(company) as session:
        store.mark.set(company, *newest(session))


def _engine(store: Store, company: str, connection: Connection, body: PlanBody, today: date, clock: Clock) -> Engine:
    """Return the engine for a plan; the state of its administration is read again when the run starts."""
    provider = connection.provider
    with store.read(company) as session:
        administration = administration_of(session, body.scope)
        period = period_of(session, body.scope, connection)
        settle = export_settings(session, provider.name).settle_seconds
    if period != body.period:
        raise InputError("The wage periods are counted otherwise since this plan was made: plan again.")
    request = ExportRequest(administration=administration, period=period)
    return Engine(
        store=store,
        company=company,
        provider=provider.name,
        length=period.type,
        posting=connection.export(request),
        clock=clock,
        able=Abilities(
            read=connection.can(Capability.READ_BACK),
            idempotent=provider.support(Capability.IDEMPOTENT) is Support.FULL,
            put=connection.can(Capability.PUT),
        ),
        settle_seconds=provider.settle_seconds if settle is None else settle,
        concurrency=provider.concurrency,
        per_second=provider.calls_per_second,
        turns=store.turns.of(provider.name) if isinstance(clock, SystemClock) else None,  # they know no other clock
        hold=Closed(store, company, connection, body.scope, period, today),
    )
