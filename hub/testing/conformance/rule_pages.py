"""A page for each rule: what it asks and why, how it is tried, which broken provider fails it, how to be exempt."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path

from hub.testing.conformance.advice import ADVICE
from hub.testing.conformance.registry import RULES
from hub.testing.conformance.rule import Level, Rule

_PAGE = """# {id}

{level}, about {group}. {holds}

## Why

{reason}

## What a provider must do

{advice}

## How it is tested

{applies}

```python
{check}
```

What it calls is beside it, in `{module}`. One provider is tried by this rule alone with `pytest -k {id}`.

## Which provider fails it

`tests/broken_providers/{file}` fails this rule and no other: {broken}

```python
{source}
```

## How to be exempt

{exempt}

All rules: [the conformance kit](../conformance.md).
"""

_EXEMPT = """A provider that cannot keep it says why, in `conformance.toml` beside its conformance file. It is tried all
the same, and an exemption that is not needed any more fails.

```toml
[exempt]
"{id}" = "Why it cannot, and since when its author knows."
```"""

_RECOMMENDED = """Nobody has to be: a recommended rule that is not kept is told and fails no run. With a reason in
`conformance.toml`, beside the conformance file, it is told as exempt.

```toml
[exempt]
"{id}" = "Why it cannot, and since when its author knows."
```"""


def pages(broken: Path) -> dict[str, str]:
    """Return the page of each rule by the name of its file; `broken` is the folder of the broken providers."""
    return {f"{one.id}.md": _page(one, broken / f"{one.id.replace('-', '_')}.py") for one in RULES}


def _page(rule: Rule, broken: Path) -> str:
    told, source = _class(broken)
    return _PAGE.format(
        id=rule.id,
        level=str(rule.level).capitalize(),
        group=rule.group,
        holds=rule.holds,
        reason=rule.reason,
        advice=ADVICE[rule.id],
        applies=" ".join(_applies(rule)),
        check=_source(rule),
        module=f"{rule.check.__module__.replace('.', '/')}.py",
        file=broken.name,
        broken=told[:1].lower() + told[1:],
        source=source,
        exempt=(_EXEMPT if rule.level is Level.REQUIRED else _RECOMMENDED).format(id=rule.id),
    )


def _applies(rule: Rule) -> Iterator[str]:
    """Yield sentences: what it is tried on, for whom, and what it stands on."""
    yield "Against the provider's simulator, on a real socket." if rule.wire else "Without a remote."
    if rule.needs:
        needs = ", and ".join(" or ".join(f"`{one}`" for one in alternatives) for alternatives in rule.needs)
        yield f"For a provider that declares {needs}."
    else:
        yield "For every provider that is called over the wire." if rule.wire else "For every provider."
    if rule.stands_on:
        links = ", ".join(f"[{one}]({one}.md)" for one in rule.stands_on)
        yield f"It is skipped where one of these failed: {links}."


def _source(rule: Rule) -> str:
    """Return the function that checks it, without what makes a rule of it."""
    source = textwrap.dedent(inspect.getsource(rule.check))
    return source[source.index("def ") :].rstrip()


def _class(broken: Path) -> tuple[str, str]:
    """Return what a broken provider does, in a sentence, and its class."""
    text = broken.read_text()
    tree = ast.parse(text)
    (found,) = (one for one in tree.body if isinstance(one, ast.ClassDef))
    return ast.get_docstring(tree) or "", ast.get_source_segment(text, found) or ""
