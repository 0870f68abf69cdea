"""Callbacks over HTTP or to an ASGI app: how they are sent, where they may go, and where they go instead."""
