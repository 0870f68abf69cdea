"""What is read and written as JSON: five rooms, and what all of them share.

routee     the mocked API: requests, the flow document, search, tokens
scenario   the language of scenarios
control    our own API, under /_mock/
verify     what a test expects, compared with what happened
openapi    both APIs as OpenAPI documents
"""

from typing import Any

Json = dict[str, Any]
"""A JSON object, as a Python dict."""
