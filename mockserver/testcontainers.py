"""The mock in a container that a test starts, by Testcontainers (the extra `testcontainers`)."""

from typing import Any, Self

from mockserver.client import Server

try:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HttpWaitStrategy
except ImportError:
    raise ImportError(
        "mockserver.testcontainers needs Testcontainers: pip install 'routee-failover-mock[testcontainers]'"
    ) from None

IMAGE = "routee-failover-mock"
PORT = 8080


class RouteeContainer(DockerContainer):
    """A container of the mock, for as long as a `with` block lasts: `with RouteeContainer(clock="manual") as routee:`.

    image: what `docker build` called it. settings: of `routee-mock serve`, named as its options with underscores
    (`token_life="unlimited"`, `strict=True`, `allow_host=["a", "b"]`). The application under test runs on the host:
    the container is told what `host.docker.internal` is, and posts callbacks for `localhost` there.
    """

    def __init__(self, image: str = IMAGE, **settings: Any) -> None:
        super().__init__(image)
        self.with_exposed_ports(PORT)
        self.with_kwargs(extra_hosts={"host.docker.internal": "host-gateway"})
        rewritten = {"callback_rewrite": ["localhost=host.docker.internal", "127.0.0.1=host.docker.internal"]}
        for name, value in (rewritten | settings).items():
            self.with_env(f"ROUTEE_MOCK_{name.upper()}", _written(value))
        self.waiting_for(HttpWaitStrategy(PORT, "/_mock/ready").for_status_code(200))

    @property
    def url(self) -> str:
        """Where the mock is reached from the host, once it is started."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    def server(self) -> Server:
        """Its control, to make sandboxes with; a context manager."""
        return Server(self.url)

    def __enter__(self) -> Self:
        """Start it, and wait until it is ready."""
        super().__enter__()
        return self


def _written(value: Any) -> str:
    """A setting as the environment says it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
