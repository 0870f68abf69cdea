"""Matchers: which steps a scenario applies to.

A text asks for itself exactly, and a `*` in it stands for anything. A matcher of another kind, such as a regular
expression, is handed in by whoever reads scenarios. Every difference is put in words, so that the nearest miss can be
told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial

from mockserver.core.channels import Channel
from mockserver.core.step import Step
from mockserver.core.values import Value, replace


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a text must be like. written: by its author. fits: whether a text is like that, in linear time."""

    written: str
    fits: Callable[[str], bool] = field(compare=False, repr=False)

    def __str__(self) -> str:
        """As its author wrote it."""
        return self.written


class When(Value):
    """What a step must be like; None matches anything. step: its place in the flow, from 1."""

    to: Pattern | None = None
    sender: Pattern | None = None
    label: Pattern | None = None
    text: Pattern | None = None
    channel: Channel | None = None
    step: int | None = None

    @property
    def anything(self) -> bool:
        """Whether it matches every step, whatever it is like: then it is for requests without any step too."""
        return replace(self, to=None) == When() and (self.to is None or self.to.written == "*")

    def differences(self, step: Step, index: int) -> tuple[str, ...]:
        """How the step with this index, from 0, differs from this matcher; empty when it matches."""
        texts = (("to", self.to, step.to), ("from", self.sender, step.sender), ("label", self.label, step.label))
        found = [
            f"{name} is {_short(said)!r}, not {pattern.written!r}"
            for name, pattern, said in (*texts, ("text", self.text, step.text))
            if pattern is not None and not pattern.fits(said)
        ]
        if self.channel not in (None, step.channel):
            found.append(f"channel is {step.channel}, not {self.channel}")
        if self.step not in (None, index + 1):
            found.append(f"step is {index + 1}, not {self.step}")
        return tuple(found)

    def __str__(self) -> str:
        """In words, only what is asked for."""
        asked: dict[str, object] = {"to": self.to, "from": self.sender, "label": self.label, "text": self.text}
        asked |= {"channel": self.channel, "step": self.step}
        return ", ".join(f"{name}: {value}" for name, value in asked.items() if value is not None) or "anything"


def stars(written: str) -> Pattern:
    """The pattern of a text in which each `*` stands for anything."""
    return Pattern(written, partial(is_like, written))


# A regular expression would do, but a backtracking one takes for ever over some patterns of many stars.
def is_like(pattern: str, text: str) -> bool:
    """Whether a text is the pattern, in which each `*` stands for anything: any text, even none."""
    first, *pieces = _pieces(pattern)
    if not pieces:
        return text == pattern
    last, at, end = pieces.pop(), len(first), len(text)
    end -= len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in pieces:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


# One pattern is held against many texts, and may be long.
@lru_cache(maxsize=256)
def _pieces(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.split("*"))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."
