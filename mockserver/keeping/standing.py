"""How a store stands, as `GET /_mock/store` tells it."""

from collections.abc import Iterator, Mapping, Sequence

from mockserver.keeping.directory import server_name
from mockserver.keeping.keeper import Keeper
from mockserver.sandbox.elsewhere import Elsewhere
from mockserver.settings import Settings
from mockserver.wire import Json
from mockserver.wire.instants import stamp


def standing(
    settings: Settings, place: str, keeper: Keeper, seals: Mapping[int, int], elsewhere: Sequence[Elsewhere]
) -> Json:
    """The document. seals: for each world that was sealed, the number of the last batch in its seal."""
    return {
        "kind": "sqlite" if settings.store is None else "postgresql",
        "place": place,
        "sync": settings.sync,
        "trouble": keeper.trouble,
        "unkept": keeper.unkept,
        "commits": keeper.commits,
        "lastCommit": None if keeper.last is None else stamp(int(keeper.last * 1_000)),
        "sandboxes": [*_here(keeper, seals), *({"id": each.id, "owner": each.whose} for each in elsewhere)],
    }


def _here(keeper: Keeper, seals: Mapping[int, int]) -> Iterator[Json]:
    owner = server_name()
    for key, tap in keeper.taps.items():
        if tap.world is not None:
            yield {"id": tap.world.id, "owner": owner, "seq": keeper.seq(tap), "sealed": seals.get(key, 0)}
