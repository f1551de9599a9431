"""A simulator of Nmbrs SOAP v3: three services over made-up companies and people, and what was posted to them.

Built from published descriptions (WSDLs, help articles and other clients); what is not known for certain there is
a switch of `NmbrsSimulator` here.
"""

from __future__ import annotations

from hub_nmbrs.simulator.nmbrs import NmbrsSimulator
from hub_nmbrs.simulator.throttle import Throttle

__all__ = ["NmbrsSimulator", "Throttle"]
