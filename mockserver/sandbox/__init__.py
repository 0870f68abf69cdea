"""A sandbox while it runs: its clock in real time, its callbacks on their way, and where a client belongs."""
