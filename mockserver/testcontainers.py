"""The mock in a container that a test starts, with Testcontainers (the extra `testcontainers`)."""

import json
from collections.abc import Mapping
from typing import Any, Self, Unpack

from pydantic.alias_generators import to_camel

from mockserver.client import Server
from mockserver.client.spelling import check_keywords
from mockserver.client.words import ServerSettings

try:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HttpWaitStrategy
except ImportError:
    raise ImportError(
        "mockserver.testcontainers needs Testcontainers: pip install 'routee-failover-mock[testcontainers]'"
    ) from None

IMAGE = "routee-failover-mock"
PORT = 8080

HOST = "host.docker.internal"

PODMAN_HOST = "host.containers.internal"
"""Podman gives the host this name by itself. Before version 5 it knows no `host-gateway`."""


class RouteeContainer(DockerContainer):
    """A container of the mock while a `with` block lasts: `with RouteeContainer(clock="manual") as routee:`.

    image: the name that `docker build` gave it. settings: the options of `routee-mock serve`, with underscores
    (`token_life="unlimited"`, `strict_fields=True`, `allow_host=["a", "b"]`). The application under test runs on the
    host: in the container `host.docker.internal` is the host (in Podman, `host.containers.internal`), and callbacks for
    `localhost` go there.
    """

    def __init__(self, image: str = IMAGE, **settings: Unpack[ServerSettings]) -> None:
        check_keywords("RouteeContainer", settings, ("image", *ServerSettings.__annotations__))
        super().__init__(image)
        self.with_exposed_ports(PORT)
        for name, value in settings.items():
            self.with_env(f"ROUTEE_MOCK_{name.upper()}", _written(value))
        self.waiting_for(HttpWaitStrategy(PORT, "/_mock/ready").for_status_code(200))

    def _configure(self) -> None:
        """Give the host its name, and send callbacks there, unless the user has chosen otherwise."""
        host = PODMAN_HOST if "Podman" in str(self.get_docker_client().client.version()) else HOST
        if host == HOST:
            self._kwargs.setdefault("extra_hosts", {HOST: "host-gateway"})
        self.env.setdefault("ROUTEE_MOCK_CALLBACK_REWRITE", _written([f"localhost={host}", f"127.0.0.1={host}"]))

    @property
    def url(self) -> str:
        """The URL of the mock for programs on the host, once it is started."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    def server(self) -> Server:
        """A client of its control API, to make sandboxes with; a context manager."""
        return Server(self.url)

    def __enter__(self) -> Self:
        """Start the container, and wait until the mock is ready."""
        super().__enter__()
        return self


def _written(value: Any) -> str:
    """A setting as it is written in an environment variable."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps({to_camel(name): each for name, each in value.items()})
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
