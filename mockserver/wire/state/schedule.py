"""What is due, in the order in which it goes."""

from collections.abc import Iterator

from mockserver.core.engine import Engine
from mockserver.core.schedule import (
    ARRIVAL,
    RANK,
    STRETCH,
    CallbackDue,
    Due,
    StatusDue,
    Stretch,
    Ticket,
    TtlDue,
    instant_of,
)
from mockserver.wire.state.line import Line, found, put


class Pending(Line, frozen=True):
    """Something due: its instant, its rank among what is due then, and its number in the order of arrival."""

    at: int
    rank: int
    arrival: int

    @property
    def ticket(self) -> Ticket:
        """Its ticket."""
        return (self.at << RANK | self.rank) << ARRIVAL | self.arrival

    def enter(self, engine: Engine, due: Due) -> None:
        """Put it on the schedule, in its place."""
        stretches, ticket = found(engine, "schedule._stretches"), self.ticket
        if (stretch := stretches.get(ticket >> STRETCH)) is None:
            stretches[ticket >> STRETCH] = Stretch(ticket, due)
        else:
            stretch.things[ticket] = due


class Status(Pending, frozen=True, tag="status due"):
    """A status. planned: it is of a timeline, and was not pushed by hand."""

    due: StatusDue
    planned: bool = False

    def put(self, engine: Engine) -> None:
        """Put it on the schedule, and with what is planned of its flow."""
        self.enter(engine, self.due)
        if self.planned:
            found(engine, "_hand._tickets")[self.due.flow].append(self.ticket)


class Ttl(Pending, frozen=True, tag="ttl due"):
    """The end of a ttl."""

    due: TtlDue

    def put(self, engine: Engine) -> None:
        """Let it run on."""
        self.enter(engine, self.due)
        found(engine, "_ttls._tickets")[self.due.flow, self.due.step] = self.ticket


class Post(Pending, frozen=True, tag="callback due"):
    """A callback that is posted then."""

    due: CallbackDue

    def put(self, engine: Engine) -> None:
        """Put it on the schedule."""
        self.enter(engine, self.due)


class Arrivals(Line, frozen=True, tag="schedule"):
    """The end of the schedule. arrivals: how many things there have ever been on it."""

    arrivals: int

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """A line for each thing due, then this one."""
        stretches = found(engine, "schedule._stretches").values()
        planned = {ticket for tickets in found(engine, "_hand._tickets").values() for ticket in tickets}
        for ticket, due in sorted((each for stretch in stretches for each in stretch.things.items()), key=_ticket):
            place = instant_of(ticket), ticket >> ARRIVAL & (1 << RANK) - 1, ticket & (1 << ARRIVAL) - 1
            match due:
                case StatusDue():
                    yield Status(*place, due, ticket in planned)
                case TtlDue():
                    yield Ttl(*place, due)
                case post:
                    yield Post(*place, post)
        yield cls(found(engine, "schedule._arrivals"))

    def put(self, engine: Engine) -> None:
        """Bring what was put on the schedule in order."""
        stretches = found(engine, "schedule._stretches")
        put(engine, "schedule._arrivals", self.arrivals)
        put(engine, "schedule._order", sorted(stretches))
        put(engine, "schedule._left", self.arrivals - sum(len(stretch.things) for stretch in stretches.values()))
        for tickets in found(engine, "_hand._tickets").values():
            tickets.sort(key=_arrival)


def _ticket(pair: tuple[Ticket, Due]) -> Ticket:
    return pair[0]


def _arrival(ticket: Ticket) -> int:
    return ticket & (1 << ARRIVAL) - 1
