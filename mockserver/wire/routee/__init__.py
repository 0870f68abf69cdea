"""The mocked API on the wire: what Routee accepts, what it answers, and its errors."""
