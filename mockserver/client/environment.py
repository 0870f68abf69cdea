"""The environment variables that say where the mock is, and those that configure an application."""

import difflib
from collections.abc import Mapping

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

URL, TOKEN = "ROUTEE_MOCK_URL", "ROUTEE_MOCK_CONTROL_TOKEN"
LOCAL = "http://127.0.0.1:8080"
"""The URL of a mock if nothing says otherwise."""

NAMES = {
    "auth_url": "ROUTEE_AUTH_URL",
    "api_url": "ROUTEE_API_URL",
    "application_id": "ROUTEE_APPLICATION_ID",
    "application_secret": "ROUTEE_APPLICATION_SECRET",
}
"""The default names of the environment variables that configure an application."""


def environment(values: Mapping[str, str], names: Mapping[str, str | None]) -> dict[str, str]:
    """Environment variables, under the names that the application uses. Raises TypeError for an unknown value."""
    for unknown in names.keys() - NAMES.keys():
        near = difflib.get_close_matches(unknown, NAMES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise TypeError(f"there is no {unknown}{hint} (what can be named: {', '.join(NAMES)})")
    chosen = {**NAMES, **names}
    return {name: values[what] for what, name in chosen.items() if name is not None}
