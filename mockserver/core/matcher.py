"""Matchers: which steps a scenario applies to.

A pattern matches exactly its own text; a `*` in it stands for anything; a pattern /between slashes/ is a regular
expression to search for. Every difference is put in words, so that the nearest miss can be explained.
"""

import re
from functools import lru_cache

from mockserver.core.channels import Channel
from mockserver.core.step import Step
from mockserver.core.values import value


class IllegalMatcher(ValueError):
    """A matcher that could not be used; the text says why."""


@value
class When:
    """What a step must be like; None matches anything. step: its place in the flow, from 1."""

    to: str | None = None
    sender: str | None = None
    label: str | None = None
    text: str | None = None
    channel: Channel | None = None
    step: int | None = None

    def __post_init__(self) -> None:
        """Raise IllegalMatcher for a pattern that is not a valid regular expression."""
        for pattern in (self.to, self.sender, self.label, self.text):
            if pattern is not None:
                _compiled(pattern)

    def differences(self, step: Step, index: int) -> tuple[str, ...]:
        """How the step with this index, from 0, differs from this matcher; empty when it matches."""
        texts = (("to", self.to, step.to), ("from", self.sender, step.sender), ("label", self.label, step.label))
        found = [
            f"{name} is {_short(said)!r}, not {pattern!r}"
            for name, pattern, said in (*texts, ("text", self.text, step.text))
            if pattern is not None and not _compiled(pattern).search(said)
        ]
        if self.channel not in (None, step.channel):
            found.append(f"channel is {step.channel}, not {self.channel}")
        if self.step not in (None, index + 1):
            found.append(f"step is {index + 1}, not {self.step}")
        return tuple(found)

    def __str__(self) -> str:
        """In words, only the fields that are set."""
        asked = {"to": self.to, "from": self.sender, "label": self.label, "text": self.text}
        asked |= {"channel": self.channel, "step": str(self.step) if self.step else None}
        return ", ".join(f"{name} {value}" for name, value in asked.items() if value is not None) or "anything"


@lru_cache(maxsize=1_024)
def _compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.compile(pattern[1:-1])
        except re.error as error:
            raise IllegalMatcher(f"{pattern} is no regular expression: {error}") from None
    anything = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    return re.compile(rf"\A{anything}\Z", re.DOTALL)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."
