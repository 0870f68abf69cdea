"""The rules of statuses: what each means, and where a flow goes next."""

from mockserver.fidelity.rule import Chapter, choice, doc

CHANNELS, FLOW, ENGINE = "core.channels", "core.flow", "core.engine"

STATUSES = Chapter(
    "Statuses and what they do",
    (
        doc("statuses.names", "The statuses of flow and channels, final and intermediate", CHANNELS),
        choice(
            "statuses.moves",
            "Which status can follow which: forward only, and some may be skipped. Viber EXPIRED or UNDELIVERED and Sms"
            " Undelivered can still become a delivery",
            CHANNELS,
        ),
        doc("statuses.reasons", "The detailed reasons, and the descriptions of the two of success", CHANNELS),
        choice("statuses.descriptions", "The descriptions of the other reasons", CHANNELS),
        choice(
            "statuses.first",
            "A flow is Queued until its first message has a status, then InProgress",
            "core.acceptance",
            "first_flow_status",
            {"InProgress": "A flow is InProgress from the send on"},
        ),
        doc("statuses.one-step", "Steps run one at a time, by order", ENGINE),
        doc(
            "statuses.trigger",
            "A step starts the instant the one before it reports a status in its `failoverOnStatuses`",
            FLOW,
        ),
        doc("statuses.intermediate", "Intermediate statuses leave a step running", FLOW),
        doc(
            "statuses.success",
            "A success (DELIVERED, SEEN, Delivered, Completed) ends the flow well, unless it is in the step's"
            " `failoverOnStatuses` and a step is left",
            FLOW,
        ),
        choice("statuses.ttl-start", "The `ttl` counts from the moment the step begins", "core.ttls"),
        doc(
            "statuses.ttl-end",
            "If the ttl ends before delivery, a Viber message becomes EXPIRED, TTL Expired, and an Sms becomes"
            " Undelivered, Expired",
            FLOW,
        ),
        choice(
            "statuses.ttl-tie",
            "At the same instant, a status comes before a ttl",
            "core.schedule",
            "ttl_tie",
            {"ttl": "At the same instant, a ttl comes before a status"},
        ),
        doc("statuses.expire-on-delivery", "With `expireOnDelivery`, being delivered does not end the step", FLOW),
        choice(
            "statuses.not-seen",
            "With `expireOnDelivery`, SEEN must come within the ttl, which counts from the beginning of the step."
            " Otherwise the message is EXPIRED, and `expiredOnDeliveryAt` is the end of the ttl",
            FLOW,
        ),
        doc("statuses.no-balance", 'Unsent, or a call Terminated, means no balance: statusCode "1"', FLOW),
        doc("statuses.no-step-left", 'A trigger status with no step left: statusCode "2"', FLOW),
        doc(
            "statuses.not-a-trigger",
            'A final status that is not in the list ends the flow, steps left or not: statusCode "3"',
            FLOW,
        ),
        doc("statuses.server-error", 'A server error ends the flow: statusCode "0"', FLOW),
        choice(
            "statuses.server-error-played",
            "A server error comes only when a scenario plays one. The message gets Failed and the flow ends, whatever"
            " triggers and steps are left",
            FLOW,
        ),
        doc("statuses.late", "A late report updates its message, and never changes where a flow goes", ENGINE),
        choice(
            "statuses.kept-delivery",
            "A delivery that ended its step is not taken back: a DELIVERED message expires only while"
            " `expireOnDelivery` still waits for SEEN",
            FLOW,
        ),
        choice("statuses.ignored", "A report its message can no longer take changes nothing", ENGINE),
        choice(
            "statuses.refused-push",
            "A report that a test pushes, and its message cannot take, is refused",
            "http.flows",
        ),
        doc("statuses.matrix", "The matrix of 21 rows for Voice, Viber, Sms", FLOW),
        choice("statuses.delays", "How long statuses take, and calls last", "core.catalogue"),
        choice("statuses.prices", "What a message costs", "numbering.prices"),
        choice(
            "statuses.machine",
            "A call answered by a machine differs by its short duration, and by what is posted to"
            " `machineDetection.eventUrl`",
            "core.catalogue",
        ),
    ),
)
