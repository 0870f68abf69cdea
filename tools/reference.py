"""Writes the reference pages from the code, so that they agree with it: `python -m tools.reference`."""

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from mockserver.cli import main, serve
from mockserver.cli.sources import variable
from mockserver.core.catalogue import MAGIC, NAMED
from mockserver.core.channels import RULES, Channel
from mockserver.core.faults import ApiAnswer, Endpoint
from mockserver.core.outcome import Moment
from mockserver.http.endpoints import ENDPOINTS, ONE, ROOT
from mockserver.wire import errors
from mockserver.wire.errors import Refusal
from mockserver.wire.openapi import control, routee
from mockserver.wire.otp import errors as otp_errors
from mockserver.wire.routee import tokens
from mockserver.wire.scenario import language
from tools import fidelity
from tools.markdown import code, table

PAGES = Path(__file__).parents[1] / "docs" / "reference"

Json = dict[str, Any]


# Magic numbers and outcomes


def story(moments: tuple[Moment, ...]) -> str:
    """The statuses of a row of moments, on one line."""
    return " → ".join(map(moment_words, moments))


def moment_words(moment: Moment) -> str:
    """A status, with its reason if that differs, and its delay if it comes after the ttl."""
    late = f"{moment.low / 1_000:g} to {moment.high / 1_000:g} s after the ttl" if moment.late else None
    reason = None if moment.reason in (None, moment.status) else moment.reason
    aside = ", ".join(note for note in (reason, late) if note)
    return f"{moment.status} ({aside})" if aside else moment.status


def ends(channel: Channel, moments: tuple[Moment, ...]) -> str:
    """How a row of moments ends, and when. If no status ends it, its ttl does."""
    rules = RULES[channel]
    end = next((place for place, moment in enumerate(moments) if moment.status in rules.ends and not moment.late), None)
    if end is None:
        if rules.expiry is None:
            return "nothing by itself"
        status, reason = rules.expiry
        return f"{status} ({reason}) when its ttl runs out"
    low, high = (sum(getattr(moment, side) for moment in moments[: end + 1]) / 1_000 for side in ("low", "high"))
    return f"{moments[end].status} after {low:g} to {high:g} s"


def magic_numbers() -> Iterator[str]:
    """What the last digits of a magic number mean."""
    yield "A magic number is `+3069000`, two free digits and three more. The last three digits decide the outcome of the"
    yield "Viber, the Sms and the Voice step sent to it, in that order. The two free digits tell tests apart. For example,"
    yield "with `+306900000310` the Viber message expires, the Sms is undelivered, and the call is completed. Messages to"
    yield "any other number reach their recipient, as with digit 0."
    yield ""
    for number, channel in enumerate(Channel, start=1):
        place = ["third", "second", "first"][number - 1]
        yield f"## {channel}: the {place} digit from the end"
        yield ""
        rows = (
            (digit, f"`{each.name}`", story(each.moments), ends(channel, each.moments))
            for digit, each in enumerate(MAGIC[channel])
        )
        yield from table(("digit", "outcome", "the statuses it gets", "what ends the step"), rows)


def statuses() -> Iterator[str]:
    """The statuses of each channel."""
    yield "The statuses of each channel, what each means for the flow, and what can follow it. A status that cannot follow"
    yield "is refused if you push it, and ignored if it comes late."
    yield ""
    for channel, rules in RULES.items():
        yield f"## {channel}"
        yield ""
        rows = ((f"`{status}`", meaning(channel, status), code(follow(channel, status))) for status in rules.statuses)
        yield from table(("status", "what it means", "can be followed by"), rows)
        yield f"`failoverOnStatuses` can have {code(rules.triggers)}. By default it has {code(rules.default_triggers)}."
        expiry = (
            rules.expiry and f"When its ttl runs out, a message becomes `{rules.expiry[0]}`, reason {rules.expiry[1]}."
        )
        yield expiry or "Calls have no ttl."
        yield ""
        if rules.reasons:
            yield from table(("reason", "in words"), rules.reasons.items())


def follow(channel: Channel, status: str) -> list[str]:
    """What may follow a status."""
    rules = RULES[channel]
    return [each for each in rules.statuses if each in rules.moves[status]]


def meaning(channel: Channel, status: str) -> str:
    """What a status means for its step."""
    rules = RULES[channel]
    if status in rules.successes:
        return "the step has succeeded"
    if status in rules.broke:
        return 'the step has ended; statusCode "1" if the flow ends with it'
    return "the step has ended" if status in rules.ends else "the step goes on"


# Scenarios


def scenario_language() -> Iterator[str]:
    """Every key of a scenario file, and every outcome."""
    schema = language.schema()
    yield "Every key of a scenario file, from its JSON Schema (`routee-mock scenarios schema`). The"
    yield "[how-to](../howto/scenarios.md) shows what they are for."
    yield ""
    yield from keys("A scenario", schema)
    for name, title in (
        ("WhenModel", "`when`"),
        ("SmsOutcome", "An outcome in detail"),
        ("SmsMoment", "A moment of a timeline (of an Sms)"),
        ("CallbacksModel", "`callbacks`"),
        ("ApiModel", "`api`"),
    ):
        yield from keys(title, definition(schema, name))
    yield "## Outcomes"
    yield ""
    for channel, outcomes in NAMED.items():
        yield f"### {channel}"
        yield ""
        rows = ((f"`{name}`", story(each.moments), ends(channel, each.moments)) for name, each in outcomes.items())
        yield from table(("outcome", "the statuses it gets", "what ends the step"), rows)
        if RULES[channel].reasons:
            yield f"Reasons: {code(RULES[channel].reasons)}."
            yield ""
    yield "## Answers to a request"
    yield ""
    yield f"`api` can be a status from 400 to 599, {code(map(str, ApiAnswer))}. It happens to sends, or to requests for"
    yield f"another `endpoint`: {code(map(str, Endpoint))}."


def definition(schema: Json, name: str) -> Json:
    """The part of a schema with this name or title."""
    found = schema["$defs"].get(name)
    if found is None:
        [found] = [each for each in walk(schema) if each.get("title") == name]
    return dict(found)


def walk(node: Any) -> Iterator[Json]:
    """Every object in a document, from the outside in."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def keys(title: str, schema: Json) -> Iterator[str]:
    """A section with every key of an object."""
    required = set(schema.get("required", ()))
    yield f"## {title}"
    yield ""
    rows = (
        (f"`{key}`", "yes" if key in required else "", takes(each), described(each))
        for key, each in schema["properties"].items()
    )
    yield from table(("key", "required", "takes", "what it is"), rows)


def described(schema: Json) -> str:
    """What a key is for."""
    own = schema.get("description")
    return str(own or next((each["description"] for each in walk(schema) if "description" in each), ""))


def takes(schema: Json) -> str:
    """The kinds of value a key takes."""
    kinds: dict[str, None] = {}
    for each in schema.get("anyOf") or schema.get("oneOf") or [schema]:
        if "anyOf" in each or "oneOf" in each:
            kinds |= dict.fromkeys(takes(each).split(", "))
        elif "enum" in each:
            kinds["a word" if len(each["enum"]) > 6 else code(map(str, each["enum"]))] = None
        elif "$ref" in each:
            kinds["an object"] = None
        elif each.get("type") != "null":
            types = each.get("type", "anything")
            named: list[str] = types if isinstance(types, list) else [types]
            kinds |= dict.fromkeys(NAMES.get(kind, kind) for kind in named)
    return ", ".join(kinds)


NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


# Errors

SAMPLES: Mapping[str, tuple[Any, ...]] = {
    "invalid": ({"flow[0].to": "is required"},),
    "malformed": ("The body is not JSON.",),
    "too_large": (1_048_576,),
    "insufficient_balance": (),
    "unknown_flow": ("6f1c…",),
    "unknown_sandbox": ("my-tset", ["my-test"]),
    "there_already": ("my-test",),
    "made_otherwise": ("my-test", ["clock", "seed"]),
    "unknown_callback": ("9",),
    "unknown_scenario": ("There is no scenario 'lost-repli'; did you mean lost-reply?",),
    "log_given_up": (),
    "unknown_host": ("evil.test",),
    "foreign_origin": ("https://evil.test",),
    "no_control_token": (),
    "no_tls": (),
    "plain_http": ("https://127.0.0.1:8443", "http://127.0.0.1:8080"),
    "own_callback": (),
    "encoded": ("gzip",),
    "head_too_large": (65_536,),
    "too_slow": (30,),
    "waits_for_itself": ("http://shop.test/webhook",),
    "stopping": (),
    "shard_down": ("s2",),
    "no_shard": (),
    "shards_down": ("1", 2),
    "id_in_the_path": (),
    "unknown_shard": ("s1, s2",),
    "busy": (1.5,),
    "cannot_keep": ("database or disk is full", "/data"),
    "keeps_nothing": (),
    "no_store": (),
    "restoring": (3, 40),
    "elsewhere": ("default", "process 7 on mock-1", "2026-11-26T10:15:30.000Z"),
    "lost": ("default",),
    "no_room": ("in the sandbox default, it keeps 10000 flows and none has ended",),
    "other_product": ("POST", "/sms"),
    "nothing_here": ("GET", "/failovr", ["POST /failover"]),
    "wrong_method": ("GET", "/failover", ["POST"]),
    "bad_credentials": (1_893_499_200_000,),
    "unknown_token": (),
    "expired_token": (1_893_499_200_000,),
    "access_denied": (),
    "unprocessable": ([otp_errors.Finding(("body", "flow", 0, "ttl"), "must be at least 0", "greater_than_equal")],),
    "unknown_id": ("6f1c…", 0),
}
"""Arguments for an example of each kind of error."""

SHAPES = {"routee", "oauth", "broken_off", "faulted", "detailed", "in_shape"}
"""Functions that are not in the first table: they make errors in general, or an error that is never sent, or an error
of the second table."""


def refusals() -> dict[str, Callable[..., Refusal]]:
    """The functions that make an error, by name."""
    return {
        name: function
        for room in (errors, tokens, otp_errors)
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__ == room.__name__
        and typing.get_type_hints(function).get("return") is Refusal
        and name not in SHAPES
    }


def error_codes() -> Iterator[str]:
    """Every error that the mock can answer."""
    yield "Every error that Routee's endpoints and the mock's own can answer. Errors have Routee's form (`code` and"
    yield "`developerMessage`) or, for tokens, the form of OAuth (`error` and `error_description`). Those of `/failover-otp`"
    yield "have one `detail`. The journal keeps every refused request with everything that was wrong. The header"
    yield "`Mock-Report` has the URL of that entry, and `Mock-Page` the URL of [the page](../howto/page.md) that explains it."
    yield ""
    rows = []
    for name, function in refusals().items():
        refusal = function(*SAMPLES[name])
        said = refusal.body.get("code") or refusal.body.get("error") or "detail"
        summary = " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
        when = re.sub(r"\. [a-z_]+: .*", ".", summary).removeprefix(f"{refusal.status} ")
        rows.append((refusal.status, f"`{said}`", when, refusal.explain()[0]))
    yield from table(("status", "code", "when", "for example"), sorted(rows))
    yield "With `api`, a scenario can answer a request with any status from 400 to 599, for example with:"
    yield ""
    told = ((f"`{answer}`", errors.faulted(answer)) for answer in (429, 500, 503, ApiAnswer.BALANCE))
    cells = ((name, each.status, f"`{each.body['code']}`", each.body["developerMessage"]) for name, each in told)
    yield from table(("answer", "status", "code", "developerMessage"), cells)


# Endpoints


def endpoints() -> Iterator[str]:
    """Every path and method of both APIs."""
    yield "Every endpoint of the mock. A running mock shows them with every field and with examples, in a browser and"
    yield "offline: at `/docs` Routee's, at `/_mock/docs` its own. For programs there are two OpenAPI documents:"
    yield "`GET /openapi.json` and `GET /_mock/openapi.json`."
    yield ""
    yield "## Routee's endpoints"
    yield ""
    yield from operations(routee.document())
    yield "## The mock's own endpoints"
    yield ""
    yield "An endpoint marked *also of one sandbox* also exists under `/_mock/sandboxes/{sandbox}`. Without that prefix it"
    yield "belongs to the sandbox `default`."
    yield ""
    yield from operations(control.document(ENDPOINTS))


def operations(document: Json) -> Iterator[str]:
    """The table of an OpenAPI document."""
    rows = []
    for path, methods in document["paths"].items():
        if path.startswith(f"{ONE}/"):
            continue
        inside = path.startswith(ROOT) and path.replace(ROOT, ONE, 1) in document["paths"]
        for method, told in methods.items():
            asked = [each["name"] for each in told.get("parameters", ()) if each["in"] == "query"]
            summary = f"{told['summary'].rstrip('.')}{' (*also of one sandbox*)' if inside else ''}"
            rows.append((f"`{method.upper()} {path}`", summary, code(asked), ", ".join(sorted(told["responses"]))))
    yield from table(("endpoint", "what it does", "query", "answers"), rows)


# Settings


def every_setting() -> Iterator[str]:
    """The options of `serve`."""
    yield "Every setting of `routee-mock serve`. You can give it on the command line, in the environment, or in the TOML"
    yield "file that `--config` names (under the name of its option, without the dashes in front). The command line wins"
    yield "over the environment, and the environment over the file. `routee-mock config` prints each value, and where it"
    yield "comes from."
    yield ""
    context = click.Context(serve, info_name="serve", show_default=True)
    rows = []
    for param in serve.params:
        assert isinstance(param, click.Option)  # noqa: S101 -- serve takes no arguments
        record = param.get_help_record(context)
        assert record is not None  # noqa: S101 -- none is hidden
        names, help_ = record
        default = re.search(r"default: (.*?)[\];]", help_)
        says = re.sub(r"\s*\[[^\]]*\]", "", help_)
        rows.append((f"`{names}`", f"`{variable(param)}`", default[1] if default else "", says))
    yield from table(("option", "environment", "default", "what it does"), rows)
    yield "Tests and `routee-mock health` read `ROUTEE_MOCK_URL`, the URL of a running mock."


# Commands


def every_command() -> Iterator[str]:
    """Every command, with its own options."""
    yield "Every command of `routee-mock`. A command marked with *settings* also takes every option of"
    yield "[the settings](settings.md)."
    yield ""
    for name, command in commands(main, "routee-mock"):
        settings = {param.name for param in serve.params}
        takes_settings = settings <= {param.name for param in command.params}
        arguments = [str(param.human_readable_name) for param in command.params if isinstance(param, click.Argument)]
        yield f"## `{' '.join([name, *arguments])}`"
        yield ""
        yield inspect.cleandoc(command.help or "") + (" *settings*" if takes_settings else "")
        yield ""
        own = [
            param
            for param in command.params
            if isinstance(param, click.Option) and not (takes_settings and param.name in settings)
        ]
        records = (param.get_help_record(click.Context(command, show_default=True)) for param in own)
        rows = [(f"`{record[0]}`", record[1]) for record in records if record is not None]
        if rows:
            yield from table(("option", "what it does"), rows)


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its name as a user types it."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    for each in sorted(command.commands):
        yield from commands(command.commands[each], f"{name} {each}")


WRITERS: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "magic-numbers.md": ("Magic numbers", magic_numbers),
    "commands.md": ("Commands", every_command),
    "endpoints.md": ("Endpoints", endpoints),
    "settings.md": ("Settings", every_setting),
    "statuses.md": ("Statuses", statuses),
    "scenarios.md": ("Scenario files", scenario_language),
    "errors.md": ("Errors", error_codes),
    "dialects.md": ("Dialects", fidelity.switches),
}

NOTE = "<!-- Written from the code by `python -m tools.reference`: change the code. -->"


def page(name: str) -> str:
    """The text of a page, as it must be."""
    title, write = WRITERS[name]
    return "\n".join([f"# {title}", "", NOTE, "", *write()]).rstrip() + "\n"


if __name__ == "__main__":
    for each in WRITERS:
        (PAGES / each).write_text(page(each), encoding="utf-8")
    fidelity.PAGE.write_text(fidelity.page(), encoding="utf-8")
