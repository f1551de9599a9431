"""An export from beginning to end: validate, plan, release, run, show."""

from __future__ import annotations

from datetime import date

from sqlmodel import select

from hub.activation import keep_activation, open_connection
from hub.connection import Connection
from hub.errors import InputError
from hub.export.basis import Basis, Scope, load
from hub.export.engine import Engine, Progress
from hub.export.journal import start_run
from hub.export.plan import PlanBody, make_plan
from hub.export.report import PlanView, RunView, plan_view, run_view, view_of
from hub.models import ActivateRequest, Activation, ExportRequest
from hub.process import Process
from hub.store.columns import now
from hub.store.database import Store
from hub.store.exports import Plan, Run
from hub.store.session import CompanySession


def validate(store: Store, process: Process, company: str, scope: Scope, today: date) -> PlanView:
    """Say what would be refused, without a plan and without a call to the provider."""
    with open_connection(store, process, company, scope.provider) as connection, store.read(company) as session:
        basis = load(session, scope, connection.provider.title)
        body = make_plan(basis, connection, today, online=False)
        return view_of(session, body, 0, body.hash, "")


def plan(store: Store, process: Process, company: str, scope: Scope, today: date, actor: str) -> PlanView:
    """Make a plan and keep it. Reads the state of the administration and what payroll holds; changes nothing there."""
    with open_connection(store, process, company, scope.provider) as connection:
        _refresh(store, company, connection, today)
        with store.read(company) as session:
            basis = load(session, scope, connection.provider.title)
        body = make_plan(basis, connection, today)
    with store.write(company) as session:
        row = _keep(session, body)
        session.audit(actor, "export planned", f"plan {row.id}", hash=row.hash, entries=len(body.to_send))
        return plan_view(session, row)


def _refresh(store: Store, company: str, connection: Connection, today: date) -> None:
    """Read again what the credentials reach: a current period moves on, a right can be taken away."""
    activation = connection.activate(ActivateRequest(today=today))
    if not isinstance(activation, Activation):
        raise InputError(f"Log in at {connection.provider.title} again: connect the company anew.")
    with store.write(company) as session:
        keep_activation(session, connection.name, activation)


def _keep(session: CompanySession, body: PlanBody) -> Plan:
    row = Plan(
        company_id=session.company,
        provider=body.scope.provider,
        administration=body.scope.administration,
        year=body.period.year,
        number=body.period.number,
        hash=body.hash,
        body=body.model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    return row


def plan_row(session: CompanySession, number: int) -> Plan:
    """Return a plan. Raises `InputError` if there is none of this number."""
    row = session.exec(select(Plan).where(Plan.id == number)).first()
    if row is None:
        raise InputError(f"There is no plan {number} in company {session.company}.")
    return row


def release(store: Store, company: str, number: int, by: str) -> PlanView:
    """Release a plan in the name of a person. Raises `InputError` without a name, or for a plan that sends nothing."""
    name = by.strip()
    if not name:
        raise InputError("A plan is released by a person: give a name with --by.")
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
        return plan_view(session, row)


def run(
    store: Store, process: Process, company: str, number: int, actor: str, progress: Progress = lambda done, total: None
) -> RunView:
    """Carry a released plan out, or go on where its run stopped. Returns the run as it is then."""
    with store.read(company) as session:
        row = plan_row(session, number)
        body = PlanBody.model_validate(row.body)
    with open_connection(store, process, company, row.provider) as connection:
        with store.read(company) as session:
            basis = load(session, body.scope, connection.provider.title)
        if basis.period != body.period:
            raise InputError(f"The wage periods are counted otherwise since plan {number} was made: plan again.")
        with store.write(company) as session:
            started = start_run(session, plan_row(session, number), actor)
        _carry_out(store, company, connection, basis, started.id or 0, progress)
    return show(store, company, started.id or 0)


def _carry_out(
    store: Store, company: str, connection: Connection, basis: Basis, run_id: int, progress: Progress
) -> None:
    posting = connection.export(ExportRequest(administration=basis.administration, period=basis.period))
    Engine(store, company, posting, basis.period, progress).carry_out(run_id)


def show(store: Store, company: str, number: int) -> RunView:
    """Return a run as it is now. Raises `InputError` if there is none of this number."""
    with store.read(company) as session:
        row = session.exec(select(Run).where(Run.id == number)).first()
        if row is None:
            raise InputError(f"There is no run {number} in company {company}.")
        return run_view(session, row)


def runs(store: Store, company: str) -> list[RunView]:
    """Return all runs of a company, oldest first."""
    with store.read(company) as session:
        return [run_view(session, row) for row in session.all(Run)]
