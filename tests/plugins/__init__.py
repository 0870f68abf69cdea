"""Plugins of pytest, and those that the runs of pytest inside the tests do without."""

LEAN = tuple(f"-pno:{plugin}" for plugin in ("asyncio", "cacheprovider", "faker", "hypothesispytest", "schemathesis"))
"""Options that leave out what hardly a test suite of a user has: these plugins are slow to import."""
