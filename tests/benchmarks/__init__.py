"""The benchmarks themselves, and the one budget that a test can hold: calls."""
