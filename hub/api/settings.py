"""What a connection needs to know: administrations, venues, component → code, wage periods, what goes out, layout."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ValidationError

from hub.administrations import Booking
from hub.api.callers import Reads, Sets
from hub.api.names import AdministrationId, ProviderName, VenueId
from hub.api.shapes import (
    AdministrationShown,
    MappingShown,
    NewMapping,
    NewWagePeriod,
    SuggestedCode,
    Switched,
    VenueAssigned,
    VenuesShown,
)
from hub.api.wishes import ExportWishes
from hub.durations import YEARS
from hub.export.settings import ExportSettings
from hub.files.layout import Layout
from hub.models import ContractType, WagePeriod
from hub.periods import Calendar
from hub.refusing import refused_shape

router = APIRouter()

OF = "/companies/{company}/connections/{provider}"
WAGE_PERIODS = OF + "/administrations/{administration}/wage-periods"
Year = Annotated[int, Query(ge=YEARS.start, lt=YEARS.stop, examples=[2026])]


@router.get(OF + "/administrations", tags=["settings"])
def list_administrations(provider: ProviderName, asked: Reads) -> tuple[AdministrationShown, ...]:
    """List the administrations that a connection reaches."""
    found = asked.hub.administrations(asked.company, provider)
    return tuple(AdministrationShown(administration=one.body, active=one.active, venues=one.venues) for one in found)


@router.put(OF + "/administrations/{administration}", tags=["settings"])
def use_administration(
    provider: ProviderName, administration: AdministrationId, new: Switched, asked: Sets
) -> Switched:
    """Take an administration in use, or leave it alone."""
    asked.hub.use_administration(asked.company, provider, administration, new.active, actor=asked.actor)
    return new


@router.get(OF + "/venues", tags=["settings"])
def list_venues(provider: ProviderName, asked: Reads) -> VenuesShown:
    """List the venues that no administration has yet, then where the others belong."""
    assigned = {
        venue: VenueAssigned(administration=one.body.id, cost_centre=centre)
        for one in asked.hub.administrations(asked.company, provider)
        for venue, centre in one.venues.items()
    }
    return VenuesShown(unassigned=asked.hub.unassigned_venues(asked.company, provider), assigned=assigned)


@router.put(OF + "/venues/{venue:path}", tags=["settings"])
def assign_venue(provider: ProviderName, venue: VenueId, new: VenueAssigned, asked: Sets) -> VenueAssigned:
    """Assign a venue to an administration and a cost centre."""
    asked.hub.assign_venue(asked.company, provider, venue, new.administration, new.cost_centre, actor=asked.actor)
    return new


@router.get(OF + "/mapping", tags=["settings"])
def list_mapping(provider: ProviderName, asked: Reads) -> MappingShown:
    """List the components of timecards that have no code yet, with suggestions, and what is mapped."""
    proposed = asked.hub.suggestions(asked.company, provider)
    rows = asked.hub.mappings(asked.company, provider)
    return MappingShown(
        unmapped=asked.hub.unmapped(asked.company, provider),
        suggestions=tuple(SuggestedCode.model_validate(one, from_attributes=True) for one in proposed),
        mapping=tuple(NewMapping.model_validate(row.model_dump(include=set(NewMapping.model_fields))) for row in rows),
    )


@router.put(OF + "/mapping", tags=["settings"])
def map_component(provider: ProviderName, new: NewMapping, asked: Sets) -> NewMapping:
    """Map a component to a code."""
    booking = Booking(new.component, new.code, new.kind, new.rate, new.administration)
    row = asked.hub.map(asked.company, provider, booking, actor=asked.actor)
    return NewMapping.model_validate(row.model_dump(include=set(NewMapping.model_fields)))


@router.get(WAGE_PERIODS, tags=["settings"])
def list_wage_periods(
    provider: ProviderName, administration: AdministrationId, year: Year, asked: Reads
) -> tuple[WagePeriod, ...]:
    """List the wage periods of a year."""
    return asked.hub.wage_periods(asked.company, provider, administration, year)


@router.get(OF + "/administrations/{administration}/calendars", tags=["settings"])
def list_calendars(provider: ProviderName, administration: AdministrationId, asked: Reads) -> tuple[NewWagePeriod, ...]:
    """List how wage periods are counted, as it was set: once for all, and for each contract type that differs."""
    found = asked.hub.calendars(asked.company, provider, administration)
    return tuple(
        NewWagePeriod(**counted.model_dump(), contract_type=ContractType(kind) if kind else None)
        for kind, counted in sorted(found.items())
    )


@router.put(WAGE_PERIODS, tags=["settings"])
def set_wage_period(
    provider: ProviderName, administration: AdministrationId, new: NewWagePeriod, asked: Sets
) -> NewWagePeriod:
    """Set how wage periods are counted."""
    try:
        calendar = Calendar(type=new.type, first_start=new.first_start, week53=new.week53)
    except ValidationError as error:
        raise refused_shape(error) from None
    asked.hub.set_wage_period(asked.company, provider, administration, calendar, new.contract_type, actor=asked.actor)
    return new


@router.get(OF + "/export-settings", tags=["settings"])
def show_export_settings(provider: ProviderName, asked: Reads) -> ExportSettings:
    """Show what goes out where nothing else is asked for."""
    return asked.hub.export_settings(asked.company, provider)


@router.patch(OF + "/export-settings", tags=["settings"])
def change_export_settings(provider: ProviderName, new: ExportWishes, asked: Sets) -> ExportSettings:
    """Change what goes out where nothing else is asked for; what is not named stays."""
    changes: dict[str, Any] = new.model_dump(mode="json", exclude_unset=True)
    return asked.hub.change_export_settings(asked.company, provider, changes, actor=asked.actor)


@router.get(OF + "/layout", tags=["files"])
def show_layout(provider: ProviderName, asked: Reads) -> Layout:
    """Show the layout of the company's files."""
    return asked.hub.layout(asked.company, provider)


@router.put(OF + "/layout", tags=["files"])
def use_layout(provider: ProviderName, new: Layout, asked: Sets) -> Layout:
    """Write the company's files in a layout of its own from now on."""
    asked.hub.use_layout(asked.company, provider, new, actor=asked.actor)
    return new
