"""Ports for servers that must know theirs before they listen."""

import random
import socket

CHOSEN = range(10_000, 30_000)
"""Ports below those that a system gives away by itself, so that nobody gets one of these by chance."""


def free_port() -> int:
    """A free port of this machine."""
    while True:
        port = random.SystemRandom().choice(CHOSEN)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
