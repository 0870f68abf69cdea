"""A flow as code: what was planned, sent, done and heard, as a pytest test, a script, or a scenario."""

FORMATS = ("pytest", "python", "curl", "scenario")
"""The formats in which a flow is written. They are here so that their names cost no import of what writes them."""
