"""A flow as code: what was planned, sent, done and heard, as a pytest test, a script, or a scenario."""
