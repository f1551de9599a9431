"""The conformance kit: rules that every provider keeps, each told by an id, a level and a reason.

A provider's whole conformance file names the provider and its remote:

    class TestAcme(ProviderConformance):
        provider = AcmeProvider
        remote = AcmeSimulator
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.testing.conformance.kit import ProviderConformance

__all__ = ["ProviderConformance"]


def __getattr__(name: str) -> object:
    """Load the kit on first use: pytest imports this package for its plugin in every run."""
    if name != "ProviderConformance":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hub.testing.conformance.kit import ProviderConformance

    return ProviderConformance
