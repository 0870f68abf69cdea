"""The language of scenarios: what an author writes, read into a scenario."""
