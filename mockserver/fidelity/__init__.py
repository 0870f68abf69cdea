"""Every rule that the mock follows, by its name: what it says, where it comes from, and where it is enforced.

The page docs/fidelity.md, the marks in `why` and what can be learnt from a recording are made from these tables.
"""
