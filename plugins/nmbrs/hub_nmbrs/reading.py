"""Answers of Nmbrs read as a stream: SOAP in, flat rows of text out, in memory that does not grow with the answer.

Rows are provisional until the last one is out: only then is the answer known to be whole. Unknown elements and the
order of elements do not matter; missing and nil elements are left out of the row. Nothing of an answer is ever quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from lxml.etree import XMLPullParser, XMLSyntaxError, _Element

from hub import ContractError
from hub_nmbrs.faults import Fault, code_in
from hub_nmbrs.operations import EMPLOYEE_ID, Operation

Row = dict[str, str]
"""One record: the text of its fields by name; what is missing, nil or empty is absent."""

_SOAP_11 = "{http://schemas.xmlsoap.org/soap/envelope/}"
_SOAP_12 = "{http://www.w3.org/2003/05/soap-envelope}"

_PROLOG_LIMIT = 4096
# What may stand before the first element: a declaration, comments, white space; never a DOCTYPE. The possessive
# quantifiers keep a hostile prolog from costing more than one pass.
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)*+<[A-Za-z_]")


def read_rows(chunks: Iterable[bytes], operation: Operation) -> Iterator[Row]:
    """Yield the rows of an answer, then prove that it was whole.

    Raises `Fault` if Nmbrs answered with one, `ContractError` if this is no complete answer to this operation.
    """
    answer = _Answer(operation)
    for chunk in _after_prolog(chunks, operation):
        answer.feed(chunk)
        yield from answer.rows()
    answer.close()


class _Answer:
    """One answer while it comes in."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._parser = _parser(operation)
        self._read = _grouped(operation) if operation.inner else _flat(operation)
        self._home: _Element | None = None

    def feed(self, chunk: bytes) -> None:
        """Parse one more chunk."""
        if not _parsed(self._parser.feed, chunk):
            raise _unusable(self._operation, "not well-formed")

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are complete by now, and drop their elements."""
        for _, record in cast(Iterator[tuple[str, _Element]], self._parser.read_events()):
            parent = record.getparent()
            if parent is not None and (parent is self._home or self._is_home(parent)):
                yield from self._read(record)
                record.clear()
                while parent[0] is not record:
                    del parent[0]

    def close(self) -> None:
        """Prove that the whole document was the answer to this operation."""
        root: list[_Element] = []
        if not _parsed(lambda: root.append(self._parser.close())):
            raise _unusable(self._operation, "not complete")
        answer = _only_answer(root[0])
        if answer is not None and answer.tag in (f"{_SOAP_11}Fault", f"{_SOAP_12}Fault"):
            raise Fault(_code(answer))
        if answer is None or answer.tag != _tag(self._operation, f"{self._operation.name}Response"):
            raise _unusable(self._operation, "not an answer to this operation")

    def _is_home(self, parent: _Element) -> bool:
        """Tell whether records belong here. The first such place is the only one."""
        if self._home is not None or not _on_path(parent, self._operation):
            return False
        self._home = parent
        return True


def _parser(operation: Operation) -> XMLPullParser:
    return XMLPullParser(
        events=("end",),
        tag=[_tag(operation, name) for name in operation.records],
        encoding="utf-8",  # overrides what the document declares: no DOCTYPE can hide in another encoding
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _after_prolog(chunks: Iterable[bytes], operation: Operation) -> Iterator[bytes]:
    """Pass the chunks on once the first element has begun without a DOCTYPE before it."""
    source, head = iter(chunks), b""
    while not _PROLOG.match(head):
        chunk = next(source, None)
        if chunk is None or len(head) > _PROLOG_LIMIT:
            raise _unusable(operation, "not XML, or with a DOCTYPE")
        head += chunk
    yield head
    yield from source


def _parsed(step: Callable[..., object], *arguments: bytes) -> bool:
    """Take a step of the parser. The parser's error quotes the document, so it is dropped here, out of every chain."""
    try:
        step(*arguments)
    except XMLSyntaxError:
        return False
    return True


def _flat(operation: Operation) -> Callable[[_Element], Iterable[Row]]:
    fields = {_tag(operation, name): name for name in operation.fields}
    return lambda record: (_row(record, fields),)


def _grouped(operation: Operation) -> Callable[[_Element], Iterable[Row]]:
    """Read the rows of one employee: every inner record, each with the id of the employee."""
    fields = {_tag(operation, name): name for name in operation.fields}
    employee, inner = _tag(operation, EMPLOYEE_ID), _tag(operation, operation.inner)

    def read(group: _Element) -> Iterable[Row]:
        owner = {EMPLOYEE_ID: group.findtext(employee, "")}
        return [owner | _row(record, fields) for records in group for record in records if record.tag == inner]

    return read


def _row(record: _Element, fields: Mapping[str, str]) -> Row:
    row = {}
    for element in record:
        name = fields.get(element.tag)
        if name is not None and element.text:
            row[name] = element.text
    return row


def _on_path(parent: _Element, operation: Operation) -> bool:
    """Tell whether this is where the records of the operation stand in a SOAP envelope."""
    path = [parent.tag, *(ancestor.tag for ancestor in parent.iterancestors())]
    inside = [_tag(operation, name) for name in operation.path]
    return path in ([*inside, f"{soap}Body", f"{soap}Envelope"] for soap in (_SOAP_11, _SOAP_12))


def _only_answer(root: _Element) -> _Element | None:
    """Return the one element in the one body of an envelope, or None."""
    for soap in (_SOAP_11, _SOAP_12):
        bodies = root.findall(f"{soap}Body")
        if root.tag == f"{soap}Envelope" and len(bodies) == 1 and len(bodies[0]) == 1:
            return bodies[0][0]
    return None


def _code(fault: _Element) -> str:
    """Return the code in the text of a fault: `faultstring` in SOAP 1.1, `Reason/Text` in SOAP 1.2."""
    texts = (fault.findtext("faultstring"), fault.findtext(f"{_SOAP_12}Reason/{_SOAP_12}Text"))
    return code_in("".join(text for text in texts if text))


def _tag(operation: Operation, name: str) -> str:
    return f"{{{operation.namespace}}}{name}"


def _unusable(operation: Operation, why: str) -> ContractError:
    return ContractError(
        f"The answer of Nmbrs to {operation.right} cannot be used: report it to the maintainer of the Nmbrs plugin.",
        detail=f"{operation.right}: the answer is {why}",
    )
