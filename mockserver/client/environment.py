"""The environment variables a mock is found by, and those an application is configured by."""

from collections.abc import Mapping

URL, TOKEN = "ROUTEE_MOCK_URL", "ROUTEE_MOCK_CONTROL_TOKEN"
LOCAL = "http://127.0.0.1:8080"
"""Where a mock is that nobody said anything about."""

NAMES = {
    "auth_url": "ROUTEE_AUTH_URL",
    "api_url": "ROUTEE_API_URL",
    "application_id": "ROUTEE_APPLICATION_ID",
    "application_secret": "ROUTEE_APPLICATION_SECRET",
}
"""The environment variables an application is configured by, unless it calls them otherwise."""


def environment(values: Mapping[str, str], names: Mapping[str, str | None]) -> dict[str, str]:
    """Environment variables, under the names an application gives them. Raises TypeError for what there is not."""
    for unknown in names.keys() - NAMES.keys():
        raise TypeError(f"there is no {unknown}; what can be named is {', '.join(NAMES)}")
    chosen = {**NAMES, **names}
    return {name: values[what] for what, name in chosen.items() if name is not None}
