"""Requests to Nmbrs, built by zeep from the WSDL files in this package. Importing this module imports zeep: be lazy.

zeep only builds here. It gets a transport that cannot send, cannot fetch and reads no file outside the package.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from lxml.etree import tostring
from zeep import Client, Settings

from hub import ContractError
from hub_nmbrs.operations import Operation

WSDL_FOLDER = Path(__file__).parent / "wsdl"

Value = str | int | bool | None | Mapping[str, "Value"]
"""An argument of a call: a scalar, None for nil, or a record. Decimals are text with a dot."""

logging.getLogger("zeep").setLevel(logging.WARNING)  # at DEBUG zeep logs whole envelopes

_parsing = Lock()


class PackageFiles:
    """The transport that zeep gets: it loads files from one folder and refuses everything else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def load(self, location: str) -> bytes:
        """Return the bytes of a file in the folder. Raises `ContractError` for any other location."""
        path = Path(location).resolve()
        if "://" in location or path.parent != self._folder:
            raise ContractError(
                "A WSDL of the Nmbrs plugin refers to a place outside the package: reinstall the plugin."
            )
        return path.read_bytes()


def load_wsdl(path: Path) -> Any:  # noqa: ANN401 - zeep is not typed
    """Return zeep's client for a WSDL file, with everything off that reaches outside the file's folder."""
    settings = Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False)
    client: Any = Client
    return client(str(path), transport=PackageFiles(path.parent), settings=settings)


@cache
def _parsed(service: str) -> Any:  # noqa: ANN401 - zeep is not typed
    return load_wsdl(WSDL_FOLDER / f"{service}.wsdl")


def envelope(operation: Operation, arguments: Mapping[str, Value], login: Mapping[str, str]) -> bytes:
    """Return the SOAP 1.1 request of a call, `login` in a header of the called service's own namespace."""
    with _parsing:  # one thread parses a WSDL, the others wait for it instead of parsing it as well
        client = _parsed(operation.service)
    kind = "AuthHeaderWithDomain" if "Domain" in login else "AuthHeader"
    header = client.get_element(f"{{{operation.namespace}}}{kind}")(**login)
    request = client.create_message(client.service, operation.name, _soapheaders=[header], **arguments)
    return tostring(request, encoding="utf-8", xml_declaration=True)
