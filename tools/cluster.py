"""Writes the configuration of the proxy of compose.cluster.yaml: `python -m tools.cluster`."""

from pathlib import Path
from typing import Any

import yaml

from mockserver.cli.haproxy import configuration
from mockserver.cli.proxy import Shard

ROOT = Path(__file__).parents[1]
STACK = ROOT / "compose.cluster.yaml"
FILE = ROOT / "tests" / "examples" / "cluster" / "haproxy.cfg"

PORT = 8080
"""Where the proxy and each mock listen, each in its container."""


def shards() -> list[Shard]:
    """The mocks of the stack."""
    services: dict[str, Any] = yaml.safe_load(STACK.read_text(encoding="utf-8"))["services"]
    named = ((name, each.get("environment", {}).get("ROUTEE_MOCK_SHARD")) for name, each in services.items())
    return [Shard(shard, f"{name}:{PORT}") for name, shard in named if shard]


if __name__ == "__main__":
    FILE.write_text(configuration(shards(), f":{PORT}", store=False), encoding="utf-8")
