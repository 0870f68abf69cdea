"""The table of a sweep as a page of HTML, to attach to a ticket: one file, with nothing to load."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.cli.paths import Path

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 14px/1.5 system-ui, sans-serif; margin: 2em; color: #222; background: #fff }}
table {{ border-collapse: collapse }}
th, td {{ text-align: left; padding: .3em .8em; border-bottom: 1px solid #ddd; vertical-align: top }}
.Succeeded {{ color: #17692c }}
.Failed {{ color: #8a4b00 }}
.lost {{ color: #b00020; font-weight: bold }}
</style>
<h1>{title}</h1>
<p>{summary}</p>
<table>
<tr><th>#<th>what happens to the steps<th>the flow<th>callbacks<th>answers<th>lost
{rows}
</table>
</html>
"""


def page(title: str, paths: "Sequence[Path]", summary: str) -> str:
    """The page of these paths."""
    rows = "\n".join(_row(number, path) for number, path in enumerate(paths, start=1))
    return PAGE.format(title=escape(title), summary=escape(summary), rows=rows)


def _row(number: int, path: "Path") -> str:
    code = f", statusCode {path.code}" if path.code else ""
    answers = ", ".join(f"{count} x {answer}" for answer, count in path.answers) or "none"
    lost = f'<td class="lost">{path.lost}: {escape(path.error or "")}' if path.lost else "<td>"
    steps = escape(", ".join(path.outcomes))
    end = f'<td class="{path.status}">{path.status} over {path.termination}{code}'
    return f"<tr><td>{number}<td>{steps}{end}<td>{path.callbacks}<td>{escape(answers)}{lost}"
