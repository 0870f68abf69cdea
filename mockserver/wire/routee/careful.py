"""POST /failover: bytes in, and one command out, or an error that names every wrong field.

Each step is read in the same way: read its channel, separate fields of other channels, remove blanks, validate the
fields by the channel's model and against each other, and write the step again as the reply will echo it. What differs
between channels is in their forms, in channels/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from mockserver.core.channels import Channel
from mockserver.core.commands import SendFlow
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.step import Callback, FlowKind, Step, Strategy
from mockserver.wire import Json
from mockserver.wire.errors import invalid, malformed
from mockserver.wire.problems import MORE, Wrong, cut, nearest, not_json, path, problems, read_json
from mockserver.wire.routee.blanks import OWN, blank
from mockserver.wire.routee.channels import FORMS, foreign, of_other_endpoint
from mockserver.wire.routee.channels.form import Form
from mockserver.wire.routee.fields import echoable
from mockserver.wire.routee.limits import MOST_DOCUMENT, MOST_STEPS, weight
from mockserver.wire.routee.models.send import NAMES, CallbackModel, Common
from mockserver.wire.routee.otherwise import BLANK, WITHOUT, echoed
from mockserver.wire.routee.steps import build
from mockserver.wire.types import Model

M = TypeVar("M", bound=Model)

_CHANNELS = {channel.casefold(): channel for channel in Channel}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    kind: of the flow, by the endpoint. strict: refuse unknown fields, and fields of other channels.
    transcode: whether to transcode an Sms that does not say. dialect: what is read otherwise than by default.
    """

    kind: FlowKind
    strict: bool
    transcode: bool
    dialect: Dialect = DEFAULT

    def absent(self, value: Any) -> bool:
        """Whether a value counts as absent."""
        return BLANK[self.dialect.blank_fields](value)

    def present(self, fields: Json) -> Json:
        """The fields that count as present."""
        return WITHOUT[self.dialect.blank_fields](fields)

    def takes(self, fields: Json, channel: Channel, path: str, name: str) -> bool:
        """Whether a field that does not belong in a step of this channel may be there all the same."""
        ignored = self.dialect.foreign_fields == "ignored" and not of_other_endpoint(self.kind, channel, path)
        return not self.strict and (ignored or self.absent(fields[name]))


def read_carefully(
    body: bytes,
    application: str,
    *,
    kind: FlowKind = FlowKind.FAILOVER,
    strict: bool = False,
    transcode: bool = True,
    dialect: Dialect = DEFAULT,
) -> SendFlow:
    """The send in a request's body. The arguments are those of `ReadOptions`.

    Raises Refusal for a body that is not a JSON object, or one Refusal for all wrong fields.
    """
    data = _read_json(body)
    options, wrong = ReadOptions(kind, strict, transcode, dialect), Wrong()
    if strict:
        known = ("flow", "callback", "restrictions")
        wrong.unknown([name for name in data if name not in known], known)
    steps = _read_flow(data.get("flow"), options, wrong)
    callback = _read_callback(data.get("callback"), options, wrong)
    restrictions = _read_restrictions(data.get("restrictions"), options, wrong)
    if not wrong and weight(step for _, step in steps) > MOST_DOCUMENT:
        wrong["flow"] = (
            f"makes documents too large: every part of an Sms has its whole step; at most {MOST_DOCUMENT} bytes"
        )
    if wrong:
        raise invalid(wrong)
    in_order = tuple(step for _, step in sorted(steps, key=lambda numbered: numbered[0]))
    return SendFlow(application, in_order, callback, restrictions, kind)


def _read_json(body: bytes) -> Json:
    if not body.strip():
        raise malformed('The body is empty; send a JSON object such as {"flow": [...]}.')
    try:
        data = read_json(body)
    except ValueError as error:
        raise malformed(f"The body is not JSON: {not_json(error, body)}.") from None
    if not isinstance(data, dict):
        raise malformed('The body must be a JSON object such as {"flow": [...]}.')
    return data


def _read_flow(flow: Any, options: ReadOptions, wrong: Wrong) -> list[tuple[int, Step]]:
    if not isinstance(flow, list):
        wrong["flow"] = "is required: an array of steps" if blank(flow) else "must be an array of steps"
        return []
    if not flow:
        wrong["flow"] = "must hold at least one step"
    if len(flow) > MOST_STEPS:
        wrong["flow"] = f"must hold at most {MOST_STEPS} steps; it holds {len(flow)}"
        return []
    steps: list[tuple[int, Step]] = []
    for position, fields in enumerate(flow):
        found = Wrong(wrong.room)
        step = _read_step(fields, position + 1, options, found)
        wrong.take(found, partial(_in_step, position))
        if step is not None:
            _note_duplicate(position, step[0], steps, options, wrong)
            steps.append(step)
    return steps


def _note_duplicate(
    position: int, order: int, steps: list[tuple[int, Step]], options: ReadOptions, wrong: Wrong
) -> None:
    if options.dialect.duplicate_orders == "refused" and order in (each for each, _ in steps):
        wrong[f"flow[{position}].order"] = f"is {order}, as in another step; each step must have its own"


def _in_step(position: int, path: str) -> str:
    return f"flow[{position}]{'.' if path else ''}{path}"


def _read_step(fields: Any, position: int, options: ReadOptions, wrong: Wrong) -> tuple[int, Step] | None:
    if not isinstance(fields, dict):
        wrong[""] = "must be an object: a step"
        return None
    channel = _read_channel(fields.get("type"), wrong)
    if channel is None:
        _validate(Common, options.present(fields), wrong, _by_phone(fields))
        return None
    form = FORMS[options.kind][channel]
    kept = _without_foreign(channel, fields, options, wrong)
    own = _present(kept, form, options)
    spelled = _one_spelling(own, form.spellings, wrong)
    own |= {"type": str(channel)}
    own.setdefault("order", position)
    kind, names = form.model(), spelled | _by_phone(own)
    wrong.note(dict(problem for rule in form.rules for problem in rule(own, options.transcode)))
    if options.strict:
        _note_strangers(kind, _under_one_name(kept, form.spellings, spelled), wrong, names)
    model = _validate(kind, own, wrong, names)
    if model is None or wrong:
        return None
    echo = form.echo(model.model_dump(by_alias=True, exclude_none=True), own)
    shown = echo if options.dialect is DEFAULT else echoed(options.dialect, channel, echo, fields)
    return echo["order"], build(channel, form, echo, shown, transcode=options.transcode)


def _read_channel(kind: Any, wrong: Wrong) -> Channel | None:
    channel = _CHANNELS.get(kind.strip().casefold()) if isinstance(kind, str) else None
    if channel is None:
        must = "is required:" if blank(kind) else "must be"
        wrong["type"] = f"{must} one of {', '.join(Channel)}{nearest(kind, Channel)}"
    return channel


def _without_foreign(channel: Channel, fields: Json, options: ReadOptions, wrong: Wrong) -> Json:
    """The fields without those of other channels. Those are wrong, unless blank while `strict` is off."""
    own = _own(channel, fields, "", options, wrong)
    message = own.get("message")
    if isinstance(message, dict):
        own["message"] = _own(channel, message, "message.", options, wrong)
    return own


def _own(channel: Channel, fields: Json, prefix: str, options: ReadOptions, wrong: Wrong) -> Json:
    reasons = {name: foreign(options.kind, channel, prefix + name) for name in fields}
    for name, reason in reasons.items():
        if reason is not None and not options.takes(fields, channel, prefix + name, name):
            wrong[prefix + name] = reason
    return {name: value for name, value in fields.items() if reasons[name] is None}


def _present(own: Json, form: Form, options: ReadOptions) -> Json:
    """The present fields. A blank object that a step must have stays, so the error names what it lacks."""
    emptied: Json = {name: {} for name in ("to", "message", *form.spellings) if isinstance(own.get(name), dict)}
    return emptied | options.present(own)


def _one_spelling(own: Json, spellings: Sequence[str], wrong: Wrong) -> dict[str, str]:
    """Rename the field with several spellings to the first of them; returns which spelling the caller used for it."""
    used = [name for name in spellings if own.get(name)] or [name for name in spellings if name in own]
    for name in set(spellings) - set(used):
        own.pop(name, None)
    values = [own.pop(name) for name in used]
    for name, value in zip(used, values, strict=True):
        if _differ(value, values[0]):
            wrong[name] = f"says something else than {used[0]}; send one of them"
    if values:
        own[spellings[0]] = values[0]
    return dict(zip(spellings[:1], used[:1] or spellings[:1], strict=True))


def _under_one_name(fields: Json, spellings: Sequence[str], spelled: Mapping[str, str]) -> Json:
    """The fields, blank ones too. Of a field with several spellings only the one that counts, under its first name."""
    others = {name: value for name, value in fields.items() if name not in spellings}
    return others | {first: fields[used] for first, used in spelled.items() if used in fields}


def _differ(one: Any, other: Any) -> bool:
    try:
        return bool(one != other)
    except RecursionError:  # nested almost too deep to be read as JSON: both are wrong anyway
        return True


def _by_phone(own: Json) -> dict[str, str]:
    """Where a model's path differs from the caller's: `to` can be a number instead of an object."""
    return {} if isinstance(own.get("to"), dict) else {"to.phone": "to"}


def _validate(kind: type[M], own: Json, wrong: Wrong, names: Mapping[str, str]) -> M | None:
    try:
        return kind.model_validate(own)
    except ValidationError as error:
        found = problems(error, NAMES, room=wrong.room)
        for path, text in found.items():
            if path != MORE:
                wrong.setdefault(_place(path, names), text)
        wrong.skip(found.more)
        return None


def _note_strangers(kind: type[Model], fields: Json, wrong: Wrong, names: Mapping[str, str]) -> None:
    """Note the fields that are not known, blank or not."""
    few, lost = cut(fields, NAMES - OWN, wrong.room)
    wrong.skip(lost)
    places, room = list(kind.strangers(few)), wrong.room
    wrong.note({_place(path(each), names): f"is not known here{nearest(each[-1], NAMES)}" for each in places[:room]})
    wrong.skip(len(places[room:]))


def _place(path: str, names: Mapping[str, str]) -> str:
    """The caller's own path for a path in the model."""
    head = next((name for name in names if path == name or path.startswith((f"{name}.", f"{name}["))), "")
    return names.get(head, "") + path[len(head) :]


def _read_callback(fields: Any, options: ReadOptions, wrong: Wrong) -> Callback | None:
    found = Wrong(wrong.room)
    model = None
    if options.strict and isinstance(fields, dict):
        _note_strangers(CallbackModel, fields, found, {})
    if isinstance(fields, dict) and not options.absent(fields):
        present = {"strategy": options.dialect.default_strategy} | options.present(fields)
        if "url" not in present and options.dialect.strategy_without_url == "ignored":
            return None
        model = _validate(CallbackModel, present, found, {})
    elif not options.absent(fields):
        wrong["callback"] = "must be an object {strategy, url}"
    wrong.take(found, "callback.{}".format)
    return Callback(Strategy(model.strategy), model.url) if model else None


def _read_restrictions(fields: Any, options: ReadOptions, wrong: Wrong) -> bytes | None:
    if options.absent(fields):
        return None
    if not isinstance(fields, dict):
        wrong["restrictions"] = "must be an object"
        return None
    try:
        return orjson.dumps(echoable(fields))
    except ValueError as error:
        wrong["restrictions"] = str(error)
        return None
