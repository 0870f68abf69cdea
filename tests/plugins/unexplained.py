"""Lets Hypothesis not explain what it finds: that takes it longer than to find it, and some tests are about what it finds."""

from hypothesis import Phase, settings

settings.register_profile("unexplained", phases=[phase for phase in Phase if phase is not Phase.explain])
settings.load_profile("unexplained")
