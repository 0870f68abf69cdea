"""Verification: what a test expects, held against what happened, and the nearest misses."""
