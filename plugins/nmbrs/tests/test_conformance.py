"""Nmbrs keeps the rules for every provider."""

from datetime import date
from typing import Any, ClassVar

from hub.testing.conformance import ProviderConformance
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator


class TestNmbrs(ProviderConformance):
    provider = NmbrsProvider
    remote = NmbrsSimulator
    without_right: ClassVar[dict[str, Any]] = {"denied": ("Contract_GetAll_AllEmployeesByCompany",)}
    leavers: ClassVar[dict[str, date]] = {"50034": date(2026, 10, 12)}
    rehired: ClassVar[dict[str, date]] = {"50035": date(2026, 6, 1)}
    undated = ("50039",)
    suspended = "fault-1004"
    refusals = tuple(f"fault-{code}" for code in (2001, 2002, 2003, 2004, 2005, 2006, 2009, 2011, 2012, 2013, 2030))
    refusals += tuple(f"fault-{code}" for code in (2037, 2046, 3001))
