"""What the mock costs, compared with bare servers and with other tools. README.md says how to read the table."""
