"""The rules on paper: the tables of docs/conformance.md, made of the rules themselves, and what came of them.

`python -m hub.testing.conformance.paper docs/conformance.md` writes the rules anew, between the two marks in that file,
a page for each of them in the folder beside it, and their part of the navigation of the site. With the files of
`--conformance-json` after it, as in `... docs/conformance-results.md a.json b.json`, it writes the page of rules and
providers.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hub.testing.conformance.registry import RULES
from hub.testing.conformance.rule import Group
from hub.testing.conformance.rule_pages import pages

BEGIN = "<!-- rules: written by hub.testing.conformance.paper -->\n"
END = "<!-- end of the rules -->\n"
SITE_BEGIN = "    # rules: written by hub.testing.conformance.paper\n"
SITE_END = "    # end of the rules\n"
FOLDER = "conformance"
"""Where the pages of the rules are, beside the page with their tables."""


def tables() -> str:
    """Return a table for each group of rules, as Markdown."""
    return "\n".join(line for group in Group for line in _table(group)) + "\n"


def renewed(page: str) -> str:
    """Return a page with the tables of today between its marks."""
    return _between(page, BEGIN, f"\n{tables()}\n", END)


def renewed_site(site: str) -> str:
    """Return the settings of the site with the pages of the rules in its navigation, between its marks."""
    return _between(site, SITE_BEGIN, navigation(), SITE_END)


def navigation() -> str:
    """Return the pages of the rules as a part of a navigation in TOML, by what they are about."""
    lines = ['    { "Rules" = [']
    for group in Group:
        lines.append(f'        {{ "{str(group).capitalize()}" = [')
        lines += [f'            {{ "{one.id}" = "{FOLDER}/{one.id}.md" }},' for one in RULES if one.group is group]
        lines.append("        ] },")
    return "\n".join([*lines, "    ] },"]) + "\n"


def _between(text: str, begin: str, new: str, end: str) -> str:
    before, _, rest = text.partition(begin)
    return before + begin + new + end + rest.partition(end)[2]


def write_rules(page: Path) -> None:
    """Write the tables and the navigation anew, and a page for each rule; pages of rules that are gone go too."""
    page.write_text(renewed(page.read_text()))
    site = page.parent.with_name("zensical.toml")
    site.write_text(renewed_site(site.read_text()))
    folder = page.with_name(FOLDER)
    folder.mkdir(exist_ok=True)
    made = pages(page.parent.parent / "tests" / "broken_providers")
    for file in folder.glob("*.md"):
        if file.name not in made:
            file.unlink()
    for name, text in made.items():
        (folder / name).write_text(text)


def _table(group: Group) -> Iterator[str]:
    rules = [one for one in RULES if one.group is group]
    if not rules:
        return
    yield from (f"### {str(group).capitalize()}", "", "| Rule | What must hold | Why |", "|---|---|---|")
    for one in rules:
        level = "" if one.level == "required" else f" ({one.level})"
        yield f"| [`{one.id}`]({FOLDER}/{one.id}.md){level} | {one.holds} | {one.reason} |"
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
    if written:
        path.write_text(results(written))
    else:
        write_rules(path)
