"""Companies, providers and connections, and what a connection needs to know."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from fastapi import APIRouter, Depends

from hub.access import Scope
from hub.administrations import Booking
from hub.api.callers import Asked, Reads, Sets, of_platform
from hub.api.pages import Cursor, Limit, page
from hub.api.shapes import (
    AdministrationShown,
    AuditShown,
    CompanyShown,
    ConnectionShown,
    MappingShown,
    NewCompany,
    NewConnection,
    NewMapping,
    NewWagePeriod,
    Page,
    ProviderShown,
    Switched,
    VenueAssigned,
)
from hub.errors import Unsupported
from hub.models import Activation, Right, WagePeriod
from hub.periods import Calendar
from hub.store.companies import Audit

router = APIRouter()
Operates = Annotated[Asked, Depends(of_platform(Scope.SETTINGS))]
Lists = Annotated[Asked, Depends(of_platform(Scope.READ))]


@router.get("/companies", tags=["companies"])
def list_companies(asked: Lists, cursor: Cursor = "", limit: Limit = 100) -> Page[CompanyShown]:
    """List the companies."""
    return page(
        [CompanyShown(id=one.id, name=one.name, new_day=one.new_day) for one in asked.hub.companies()], cursor, limit
    )


@router.post("/companies", status_code=201, tags=["companies"])
def add_company(new: NewCompany, asked: Operates) -> CompanyShown:
    """Add a company with a data key of its own."""
    asked.hub.add_company(new.id, new.name, time.fromisoformat(new.new_day), actor=asked.actor)
    return CompanyShown(id=new.id, name=new.name, new_day=new.new_day)


@router.get("/providers", tags=["providers"])
def list_providers(asked: Lists) -> tuple[ProviderShown, ...]:
    """List the installed providers, with the JSON Schema of the settings of each."""
    return tuple(
        ProviderShown(
            name=one.name,
            title=one.provider.title if one.provider else "",
            version=one.version,
            status=one.status,
            reason=one.reason,
            capabilities={str(name): str(grade) for name, grade in one.provider.capabilities.items()}
            if one.provider
            else {},
            settings_schema=one.provider.Settings.model_json_schema() if one.provider else {},
        )
        for one in asked.hub.providers()
    )


@router.get("/companies/{company}/connections", tags=["connections"])
def list_connections(asked: Reads) -> tuple[ConnectionShown, ...]:
    """List what a company was ever connected with."""
    return tuple(
        ConnectionShown(
            provider=one.provider,
            active=one.active,
            settings=one.settings,
            rights=tuple(Right.model_validate(each) for each in one.rights),
        )
        for one in asked.hub.connections(asked.company)
    )


@router.post("/companies/{company}/connections", status_code=201, tags=["connections"])
def connect(new: NewConnection, asked: Sets) -> Activation:
    """Switch a provider on, or reconnect it keeping links and history. Nothing is stored unless it accepts."""
    result = asked.hub.connect(asked.company, new.provider, new.settings, actor=asked.actor)
    if not isinstance(result, Activation):
        raise Unsupported(f"{new.provider} wants a person to log in at its own page, which is not built yet.")
    return result


@router.put("/companies/{company}/connections/{provider}", tags=["connections"])
def switch(provider: str, new: Switched, asked: Sets) -> Switched:
    """Switch a connection off or on; settings, links and history stay."""
    asked.hub.switch(asked.company, provider, new.active, actor=asked.actor)
    return new


@router.get("/companies/{company}/connections/{provider}/administrations", tags=["settings"])
def list_administrations(provider: str, asked: Reads) -> tuple[AdministrationShown, ...]:
    """List the administrations that a connection reaches."""
    found = asked.hub.administrations(asked.company, provider)
    return tuple(AdministrationShown(administration=one.body, active=one.active, venues=one.venues) for one in found)


@router.put("/companies/{company}/connections/{provider}/administrations/{administration}", tags=["settings"])
def use_administration(provider: str, administration: str, new: Switched, asked: Sets) -> Switched:
    """Take an administration in use, or leave it alone."""
    asked.hub.use_administration(asked.company, provider, administration, new.active, actor=asked.actor)
    return new


@router.put("/companies/{company}/connections/{provider}/venues/{venue}", tags=["settings"])
def assign_venue(provider: str, venue: str, new: VenueAssigned, asked: Sets) -> VenueAssigned:
    """Assign a venue to an administration and a cost centre."""
    asked.hub.assign_venue(asked.company, provider, venue, new.administration, new.cost_centre, actor=asked.actor)
    return new


@router.get("/companies/{company}/connections/{provider}/mapping", tags=["settings"])
def list_mapping(provider: str, asked: Reads) -> MappingShown:
    """List what is mapped, and the components of timecards that are not."""
    rows = asked.hub.mappings(asked.company, provider)
    return MappingShown(
        mapping=tuple(NewMapping.model_validate(row.model_dump(include=set(NewMapping.model_fields))) for row in rows),
        unmapped=asked.hub.unmapped(asked.company, provider),
    )


@router.put("/companies/{company}/connections/{provider}/mapping", tags=["settings"])
def map_component(provider: str, new: NewMapping, asked: Sets) -> NewMapping:
    """Map a component to a code."""
    booking = Booking(new.component, new.code, new.kind, new.rate, new.administration)
    row = asked.hub.map(asked.company, provider, booking, actor=asked.actor)
    return NewMapping.model_validate(row.model_dump(include=set(NewMapping.model_fields)))


WAGE_PERIODS = "/companies/{company}/connections/{provider}/administrations/{administration}/wage-periods"


@router.get(WAGE_PERIODS, tags=["settings"])
def list_wage_periods(provider: str, administration: str, year: int, asked: Reads) -> tuple[WagePeriod, ...]:
    """List the wage periods of a year."""
    return asked.hub.wage_periods(asked.company, provider, administration, year)


@router.put(WAGE_PERIODS, tags=["settings"])
def set_wage_period(provider: str, administration: str, new: NewWagePeriod, asked: Sets) -> NewWagePeriod:
    """Set how wage periods are counted."""
    calendar = Calendar(type=new.type, first_start=new.first_start, week53=new.week53)
    asked.hub.set_wage_period(asked.company, provider, administration, calendar, new.contract_type, actor=asked.actor)
    return new


@router.get("/companies/{company}/audit", tags=["audit"])
def list_audit(asked: Reads, cursor: Cursor = "", limit: Limit = 100) -> Page[AuditShown]:
    """List who did what, newest first."""
    with asked.hub.store.read(asked.company) as session:
        rows = sorted(session.all(Audit), key=lambda one: one.id or 0, reverse=True)
    return page([AuditShown.model_validate(one.model_dump(exclude={"company_id"})) for one in rows], cursor, limit)
