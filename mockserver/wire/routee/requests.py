"""POST /failover: bytes in, and one command out, or an error that names every wrong field.

Nearly every send is plain, and is read in one pass (`plain`). Any other send is read carefully (`careful`). Only the
careful reading says what is wrong; its models are imported when the first such send comes.
"""

from mockserver.core.commands import SendFlow
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.step import FAILOVER, FlowKind
from mockserver.wire.routee.plain.send import read_plain


def read_send(
    body: bytes,
    application: str,
    *,
    kind: FlowKind = FAILOVER,
    strict: bool = False,
    transcode: bool = True,
    dialect: Dialect = DEFAULT,
) -> SendFlow:
    """The send in a request's body.

    kind: of the flow, by the endpoint. strict: refuse unknown fields, and fields of other channels. transcode: whether
    to transcode an Sms that does not say. dialect: what is read otherwise than by default. Raises Refusal for a body
    that is not a JSON object, or one Refusal for all wrong fields.
    """
    if kind is FAILOVER and dialect is DEFAULT:
        plain = read_plain(body, application, transcode=transcode)
        if plain is not None:
            return plain
    from mockserver.wire.routee.careful import read_carefully

    return read_carefully(body, application, kind=kind, strict=strict, transcode=transcode, dialect=dialect)
