"""The benchmarks read what things cost from Linux; calls are the same anywhere."""

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_cases.py", "test_rounds.py", "test_table.py"]
