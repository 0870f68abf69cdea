"""pytest-httpserver with a constant answer: it reads no body, validates nothing."""

import signal

from pytest_httpserver import HTTPServer  # type: ignore[import-not-found]

ANSWER = {"trackingId": "677e6a17-d64b-406f-b682-efabc26efb86", "flow": ["x" * 1_200]}


def main() -> None:
    """Serve until the process is ended."""
    with HTTPServer(threaded=True) as server:
        server.expect_request("/failover", method="POST").respond_with_json(ANSWER)
        print(f"ROUTEE_MOCK_URL={server.url_for('')}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
