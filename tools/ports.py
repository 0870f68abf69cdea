"""Ports for servers that must know theirs before they listen."""

import random
import socket

CHOSEN = range(10_000, 30_000)
"""Below those that a system gives away by itself: between now and then nobody gets one of these by chance."""


def free_port() -> int:
    """A port of this machine that nobody has at the moment."""
    while True:
        port = random.SystemRandom().choice(CHOSEN)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
