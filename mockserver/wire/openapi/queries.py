"""The query parameters of lists, of the journal, and of one flow. A server imports this to start: it needs little."""

from mockserver.wire.control.journal import NAMES
from mockserver.wire.control.listing import LONGEST_QUERY, Group
from mockserver.wire.control.progress import PIECES
from mockserver.wire.control.views import ORDERS
from mockserver.wire.openapi.schemas import TEXT, WHOLE, words

PAGE = {"after": WHOLE, "before": WHOLE, "limit": WHOLE, "order": words(ORDERS) | {"default": ORDERS[0]}}
KIND = {"type": "string", "description": f"One of {', '.join(NAMES)}, or several, separated by commas."}
ENTRIES = {"after": WHOLE, "last": WHOLE, "limit": WHOLE, "flow": TEXT, "kind": KIND}
LISTED = {
    "trackingId": TEXT,
    "only": words(Group) | {"default": str(Group.ALL)},
    "q": {
        "type": "string",
        "maxLength": LONGEST_QUERY,
        "description": "Words in an id, number, label, sender or text.",
    },
}
PARTS = {"type": "string", "description": f"One of {', '.join(PIECES)}, or several, separated by commas."}
