"""The language of scenarios: what an author writes, and the scenario it comes to."""
