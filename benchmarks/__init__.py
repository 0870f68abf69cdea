"""What the mock costs, beside the limit of its stack and beside peers. README.md says how to read the table."""
