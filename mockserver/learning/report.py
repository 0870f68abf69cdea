"""What was learnt, for people and for machines. Whatever it shows of a recording is masked first."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from textwrap import wrap
from typing import Any

from mockserver.core.dialect import Dialect
from mockserver.fidelity.table import RULES, SWITCHES
from mockserver.learning.learner import MOST_FLOWS, Counts, Learner
from mockserver.learning.observations import MISSING, UNNAMED, Observation, Tally
from mockserver.learning.retries import UNDECIDED
from mockserver.learning.sends import ACCEPTED, REFUSED, values_of
from mockserver.learning.shapes import KINDS
from mockserver.learning.sightings import MOST
from mockserver.recordings.fields import OWN
from mockserver.recordings.masking import Mask, named
from mockserver.wire import Json, visible
from mockserver.wire.control.learnt import COUNTS, Learnt
from mockserver.wire.dialect import key, shown
from mockserver.wire.problems import many

WIDTH = 100

SHOWN = 8
"""Rules that do not hold of which examples are shown, unless all are wanted."""

LONGEST = 60
"""Characters of a value that are shown."""

OURS = {
    *("nothing", REFUSED, ACCEPTED),
    *(words for words, _ in KINDS.values()),
    *(str(value) for switch in SWITCHES for value in values_of(switch)),
}
"""Words that are ours, wherever they stand."""

NEVER_QUOTED = {"token", "document", "statuses", "callbacks", "tracking", "otp", "account", "inbound"}
"""The chapters of rules of which what is expected is never taken from the recording."""

IN_OWN = re.compile(rf"\b({'|'.join(sorted(OWN))})[.\[].*")
"""A place inside of an object that is the caller's own: the names there are too."""

OTHER_CLOCK = (
    "No rule of waiting was looked at: the clock of the recorder is not that of the service; let a mock run at rate 1",
    "for that. Stories are told by the instants of the service, and by the order of the callbacks.",
)
"""What is said of a recording whose instants are of two clocks, in lines."""

RETRIES = "callbacks.retries"
"""The rule of which it can be undecided why it does not hold."""

NO_RULE = "what no rule speaks of"


def text(learner: Learner, mask: Mask, *, everything: bool = False) -> Iterator[str]:
    """What was learnt, in lines that fit a screen: the most important first. everything: all rules, by name."""
    findings = learner.findings
    yield counted(learner.counts)
    yield from _bounds(learner.counts)
    if not learner.clocks.agree:
        yield from OTHER_CLOCK
    wrong, right, unseen = findings.contradicted, findings.confirmed, findings.unseen
    if wrong:
        yield ""
        yield f"{len(wrong)} rules do not hold there:" if len(wrong) > 1 else "1 rule does not hold there:"
    for rule in wrong if everything else wrong[:SHOWN]:
        yield from _wrong(rule, findings.tallies[rule], mask)
        if rule == RETRIES and learner.undecided:
            yield from (f"      {row}" for row in wrap(UNDECIDED, WIDTH - 6))
    if len(wrong) > SHOWN and not everything:
        yield f"... and {len(wrong) - SHOWN} more: --all shows them"
    yield ""
    for rules, how in ((right, "hold"), (unseen, "were not seen")):
        yield f"{len(rules)} rules {how}" + (":" if everything and rules else "")
        if everything:
            yield from (f"  {row}" for row in wrap(", ".join(rules), WIDTH - 2, break_on_hyphens=False))
    yield from _turned(learner.dialect, learner.adopted())


def document(learner: Learner, mask: Mask) -> Json:
    """What was learnt, as JSON."""
    findings, counts = learner.findings, learner.counts
    seen = {rule: _rule(rule, findings.tallies.get(rule, Tally()), mask) for rule in RULES}
    unnamed = findings.tallies.get(UNNAMED)
    return {
        "read": asdict(counts),
        "undecided": {RETRIES: UNDECIDED} if learner.undecided else {},
        "clocksAgree": learner.clocks.agree,
        "drift": findings.contradicted != [],
        "rules": seen,
        "unnamed": [] if unnamed is None else [_example(each, mask) for each in unnamed.examples.values()],
        "dialect": {
            switch: getattr(learner.adopted(), switch) for switch in turned(learner.dialect, learner.adopted())
        },
    }


def learnt(learner: Learner) -> Learnt:
    """What was learnt of each rule that was seen: only how often it held, and how often not."""
    tallies = learner.findings.tallies
    return {rule: {each: getattr(tallies[rule], each) for each in COUNTS} for rule in RULES if rule in tallies}


def turned(dialect: Dialect, other: Dialect) -> list[str]:
    """The switches in which two dialects differ."""
    return [switch for switch in SWITCHES if getattr(dialect, switch) != getattr(other, switch)]


def counted(counts: Counts) -> str:
    """How much was read, in a sentence."""
    said = [
        many(counts.exchanges, "exchange"),
        f"{many(counts.callbacks, 'callback')} of {many(counts.flows, 'flow')}",
    ]
    more = [f"{many(counts.others, 'exchange')} with other services passed over"] * bool(counts.others)
    more += [f"{counts.unreadable:,} could not be read"] * bool(counts.unreadable)
    return f"Read {' and '.join(said)}{''.join(f'; {each}' for each in more)}."


def _bounds(counts: Counts) -> Iterator[str]:
    """What was not looked at as a whole: it was not recorded, or there was too much of it."""
    if counts.bodiless:
        have = "exchange has" if counts.bodiless == 1 else "exchanges have"
        yield f"{counts.bodiless:,} {have} no body in the recording: nothing is learnt there."
    if counts.returned:
        heard = f"{many(counts.returned, 'flow')} {'was' if counts.returned == 1 else 'were'} heard of again"
        yield f"{heard} after {MOST_FLOWS:,} others: what came then is looked at by itself."
    if counts.beyond:
        passed = "document of a flow was" if counts.beyond == 1 else "documents of flows were"
        yield f"{counts.beyond:,} {passed} not compared with those before: more than {MOST:,} of one flow are not kept."


def _wrong(rule: str, tally: Tally, mask: Mask) -> Iterator[str]:
    mark = f"{RULES[rule].mark}, " if rule in RULES else ""
    seen = tally.confirmed + tally.contradicted
    yield ""
    yield f"  {rule or NO_RULE}  ({mark}{tally.contradicted:,} of {seen:,} times otherwise)"
    if rule in RULES:
        yield from (f"      {row}" for row in wrap(RULES[rule].says.replace("`", ""), WIDTH - 6))
    examples = sorted(tally.examples.values(), key=lambda each: each.size)
    for each in examples[: 1 if rule else len(examples)]:
        told = _example(each, mask)
        yield f"      {told['about']}: {_short(told['found'])}, not {_short(told['expected'])}   [{_where(each)}]"


def _where(seen: Observation) -> str:
    place = seen.place
    return "" if place is None else str(replace(place, source=place.source.rpartition("/")[2]))


def _rule(rule: str, tally: Tally, mask: Mask) -> Json:
    row = RULES[rule]
    seen = "contradicted" if tally.contradicted else "confirmed" if tally.confirmed else "not seen"
    return {
        "mark": str(row.mark),
        "seen": seen,
        "confirmed": tally.confirmed,
        "contradicted": tally.contradicted,
        "examples": [_example(each, mask) for each in sorted(tally.examples.values(), key=lambda each: each.size)],
    }


def _example(seen: Observation, mask: Mask) -> Json:
    """An example, masked: what was found is the recording's, and what was expected can quote it."""
    names = re.findall(r"[A-Za-z_]\w*", seen.about)
    is_path = " " not in seen.about and bool(names)
    outer = names[-2] if len(names) > 1 else ""
    name = named(names[-1], outer) if is_path else "developerMessage"  # otherwise what is said there are sentences
    known = IN_OWN.search(seen.about) is None
    about = mask.json(IN_OWN.sub(r"\1...", seen.about), "developerMessage")
    ours = seen.rule.partition(".")[0] in NEVER_QUOTED

    def masked(value: Any) -> Any:
        return value if isinstance(value, str) and value in OURS else mask.json(_plain(value), name, known=known)

    expected = _plain(seen.expected) if ours else masked(seen.expected)
    return {"about": about, "expected": expected, "found": masked(seen.found), "place": str(seen.place)}


def _plain(value: Any) -> Any:
    if value is MISSING:
        return "nothing"
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _short(value: Any) -> str:
    told = visible(value if isinstance(value, str) else _json(value))
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}..."


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _turned(dialect: Dialect, adopted: Dialect) -> Iterator[str]:
    switches = turned(dialect, adopted)
    if switches:
        yield ""
        yield "A dialect has the mock do so (--adopt FILE writes it):"
        yield from (f"  {key(switch)} = {shown(getattr(adopted, switch))}" for switch in switches)
