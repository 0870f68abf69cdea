"""What leaves the mock: callbacks over HTTP or to an ASGI app, where they may go, and where they go instead."""
