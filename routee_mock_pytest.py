"""What pytest loads when it starts: mockserver/pytest_plugin.py, found beside this file and not by its name.

A project may have a `mockserver` of its own. If pytest imported ours first, the tests of that project would get ours;
if theirs came first, no test would run at all. So nobody imports `mockserver` before a fixture needs it.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_spec = spec_from_file_location(__name__, Path(__file__).with_name("mockserver") / "pytest_plugin.py")
assert _spec is not None and _spec.loader is not None  # noqa: S101, PT018 -- it is shipped with this file
sys.modules[__name__] = _plugin = module_from_spec(_spec)
_spec.loader.exec_module(_plugin)
