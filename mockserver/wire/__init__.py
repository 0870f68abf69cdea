"""What is read and written as JSON: six rooms, and what all of them share.

routee     the mocked API: requests, the flow document, search, tokens
scenario   the language of scenarios
control    our own API, under /_mock/
verify     what a test expects, compared with what happened
code       a flow as code: a test, a script, a scenario
openapi    both APIs as OpenAPI documents
"""

from typing import Any

Json = dict[str, Any]
"""A JSON object, as a Python dict."""


def visible(text: str) -> str:
    """A text on one line that does nothing to a terminal: what is not printable is escaped."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
