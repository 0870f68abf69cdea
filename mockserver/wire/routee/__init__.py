"""The mocked API on the wire: what Routee takes, what it answers, and what it says is wrong."""
