"""Verification: what a test expects, compared with what happened, and the nearest misses."""
