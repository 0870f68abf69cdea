"""Writes the samples into the pages of the manual, from the files that the suite runs: `python -m tools.manual`."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "tests" / "examples"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

MARKER = r"<!-- include tests/examples/(?P<file>[^\s#]+)(?:#(?P<part>\w+))? -->"
BLOCK = re.compile(rf"^(?:{MARKER}\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
"""A fenced block, and the file that it shows: the whole file, one function or class, or the head before them."""

HEAD = "head"


def sample(file: str, part: str | None) -> str:
    """The text for a marker, as the page must have it."""
    text = (EXAMPLES / file).read_text(encoding="utf-8")
    return text.rstrip("\n") + "\n" if part is None else parts(text)[part]


def parts(text: str) -> dict[str, str]:
    """The functions and classes of a Python file, with their decorators, and the text before the first of them."""
    lines = text.splitlines(keepends=True)
    defined = [
        (node.name, min(each.lineno for each in (node, *node.decorator_list)) - 1, node.end_lineno)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    head = "".join(lines[: defined[0][1]]).rstrip() + "\n" if defined else text
    return {name: "".join(lines[first:last]) for name, first, last in defined} | {HEAD: head}


def written(page: Path) -> str:
    """The text of a page, with every sample up to date."""

    def fill(block: re.Match[str]) -> str:
        if block["file"] is None:
            return block[0]
        head, fence, _ = block[0].partition("```" + block["language"] + "\n")
        return f"{head}{fence}{sample(block['file'], block['part'])}```"

    return BLOCK.sub(fill, page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(written(each), encoding="utf-8")
