"""The rules on paper: the tables of docs/conformance.md, made of the rules themselves, and what came of them.

`python -m hub.testing.conformance.paper docs/conformance.md` writes the rules anew, between the two marks in that file.
With the files of `--conformance-json` after it, as in `... docs/conformance-results.md a.json b.json`, it writes the
page of rules and providers.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hub.testing.conformance.registry import RULES
from hub.testing.conformance.rule import Group

BEGIN = "<!-- rules: written by hub.testing.conformance.paper -->\n"
END = "<!-- end of the rules -->\n"


def tables() -> str:
    """Return a table for each group of rules, as Markdown."""
    return "\n".join(line for group in Group for line in _table(group)) + "\n"


def renewed(page: str) -> str:
    """Return a page with the tables of today between its marks."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n" + tables() + "\n" + END + rest.partition(END)[2]


def _table(group: Group) -> Iterator[str]:
    rules = [one for one in RULES if one.group is group]
    if not rules:
        return
    yield from (f"### {str(group).capitalize()}", "", "| Rule | What must hold | Why |", "|---|---|---|")
    for one in rules:
        level = "" if one.level == "required" else f" ({one.level})"
        yield f"| `{one.id}`{level} | {one.holds} | {one.reason} |"
    yield ""


# -- what came of them ------------------------------------------------------------------------------------------------

Came = Mapping[str, Mapping[str, str]]
"""What came of each rule for one provider: its level, outcome and reason, by the id of the rule."""

_RESULTS = """# Rules and providers

What came of every [rule](conformance.md) for the providers of this repository. The page is made of the files that
`pytest --conformance-json` writes, and a test tries all rules again and compares. A rule that is skipped has nothing to
check there, or its remote cannot show it; one that is exempt is tried and not kept, for the reason below.
"""


def results(files: Iterable[Path]) -> str:
    """Return the page of rules and providers, as Markdown, of the files that runs of pytest wrote."""
    came: dict[str, Came] = {}
    for file in files:
        came |= {name: one["rules"] for name, one in json.loads(file.read_text())["providers"].items()}
    names = sorted(came)
    lines = [_RESULTS, _line("Rule", *names), _line(*["---"] * (len(names) + 1))]
    lines += [_line(f"`{one.id}`", *(came[name][one.id]["outcome"] for name in names)) for one in RULES]
    counts = [Counter(one["outcome"] for one in came[name].values()) for name in names]
    lines.append(_line("**passed**", *(f"**{count['passed']} of {len(RULES)}**" for count in counts)))
    return "\n".join([*lines, *(line for name in names for line in _reasons(name, came[name]))]) + "\n"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _reasons(name: str, rules: Came) -> Iterator[str]:
    """Yield what a provider did not just pass, by outcome and reason."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in RULES:
        if rules[one.id]["outcome"] != "passed":
            found[rules[one.id]["outcome"], rules[one.id]["reason"]].append(f"`{one.id}`")
    yield from ("", f"## {name}", "")
    for (outcome, reason), ids in sorted(found.items()):
        yield f"- {outcome}, because {reason}: {', '.join(ids)}"


if __name__ == "__main__":
    path, *written = map(Path, sys.argv[1:])
    path.write_text(results(written) if written else renewed(path.read_text()))
