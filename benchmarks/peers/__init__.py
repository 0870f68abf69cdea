"""Others who do the like, each a file. They answer a send of three steps, and are installed when first asked for."""

from benchmarks.contenders import Contender, Kind
from benchmarks.peers import prism, python, wiremock

PEERS = (
    Contender("FastAPI", Kind.PEER, start=python.fastapi),
    Contender("Prism", Kind.PEER, start=prism.start),
    Contender("WireMock", Kind.PEER, start=wiremock.start),
    Contender("pytest-httpserver", Kind.PEER, start=python.httpserver),
)
