"""The base of providers that take a file: activated by name, without credentials, and their people are the host's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from hub.files.layout import Layout
from hub.files.render import LayoutDocument
from hub.hookspecs import hookimpl
from hub.models import ActivateRequest, Activation, Administration, Code, ContractType, ExportRequest, Kind
from hub.provider import Capability, Document, Provider, Support

CODES = (
    Code(kind=Kind.HOURS, code="uren", title="gewerkte uren", component="worked"),
    Code(kind=Kind.DAYS, code="dagen", title="gewerkte dagen", component="days"),
    Code(kind=Kind.HOURS, code="maaltijden", title="maaltijden", component="meals"),
)
"""What every file of hours holds; a company maps its surcharges and allowances to words of its own."""


class FileProvider(Provider):
    """A payroll system that imports a file. A subclass gives its name, title and layout.

    It has one administration, called after itself, and the team member stands for the employee.
    """

    capabilities: ClassVar[Mapping[Capability, Support]] = {Capability.RENDER_FILE: Support.FULL}
    contract_types: ClassVar[tuple[ContractType, ...]] = (ContractType.ZERO_HOURS, ContractType.FIXED_HOURS)
    codes: ClassVar[tuple[Code, ...]] = CODES

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Say what a file can hold; there is nothing to prove."""
        one = Administration(id=self.name, name=self.title, codes=self.codes, any_code=True)
        return Activation(administrations=(one,))

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Document:
        """Open a file in the layout that the company uses, or in this provider's own."""
        layout = Layout.model_validate_json(request.layout) if request.layout else self.layout
        if layout is None:
            raise TypeError(f"{type(self).__name__} has no layout")
        return LayoutDocument(layout, request.period)
