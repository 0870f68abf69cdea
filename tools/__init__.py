"""Programs that write generated files: `make generate` runs them all. They are not in the wheel."""
