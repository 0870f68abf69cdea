"""POST /failover: bytes in, one command out, or every wrong field named.

Nearly every send is plain, and read in one pass (`plain`). Anything else is read with care (`careful`): only that says
what is wrong, and its models are imported when the first such send comes.
"""

from mockserver.core.commands import SendFlow
from mockserver.core.step import FlowKind
from mockserver.wire.routee.plain.send import read_plain


def read_send(
    body: bytes,
    application: str,
    *,
    kind: FlowKind = FlowKind.FAILOVER,
    strict: bool = False,
    transcode: bool = True,
) -> SendFlow:
    """The send in a request's body.

    kind: after the endpoint. strict: refuse unknown fields and those of other channels. transcode: what an Sms that is
    silent on it follows. Raises Refusal for what is no JSON object, and otherwise for every wrong field at once.
    """
    if kind is FlowKind.FAILOVER:
        plain = read_plain(body, application, transcode=transcode)
        if plain is not None:
            return plain
    from mockserver.wire.routee.careful import read_carefully

    return read_carefully(body, application, kind=kind, strict=strict, transcode=transcode)
