"""The rules of callbacks, and of answers to Viber messages."""

from mockserver.fidelity.rule import Chapter, choice, doc

DELIVERIES, OUTBOX, HTTP, ANSWER = "core.deliveries", "core.outbox", "delivery.http", "delivery.answer"
INBOUND, VOICE = "wire.routee.channels.viber", "wire.routee.channels.voice"

CALLBACKS = Chapter(
    "Callbacks",
    (
        doc(
            "callbacks.body", "A callback is a POST of the flow document as JSON; no signature, no authorization", HTTP
        ),
        choice(
            "callbacks.strategies",
            "OnStep: one for each change of a message's status, late ones too. OnCompletion: exactly one, when the flow"
            " is final",
            DELIVERIES,
        ),
        choice(
            "callbacks.first",
            "With OnStep, the first status of a message (QUEUED, Queued) is a change like any other",
            DELIVERIES,
            "first_callback",
            {"after-queued": "With OnStep, the first status of a message (QUEUED, Queued) has no callback"},
        ),
        doc("callbacks.ok", "An answer 200 to a callback counts as taken", OUTBOX),
        choice(
            "callbacks.taken",
            "An answer with any other 2xx counts as taken too, and nothing else does",
            OUTBOX,
            "taken_answers",
            {"200": "Only an answer 200 counts as taken", "any": "Any answer counts as taken, whatever its status"},
        ),
        choice(
            "callbacks.timeout",
            "The head of the answer to a callback must come within 2 s, as Routee documents it for three sibling"
            " services",
            HTTP,
        ),
        choice(
            "callbacks.retries",
            "A callback that was not taken is posted again up to 12 times, as Routee documents it for three"
            " sibling services: after 30 s, 1 m, 2 m, 5 m, 10 m, 15 m, 30 m, 1 h, 2 h, 4 h, 8 h, 24 h, each after"
            " the attempt before",
            DELIVERIES,
            "retry_plan",
            {
                (): "A callback that was not taken is not posted again",
                (60, 300, 900): "A callback that was not taken is posted again up to 3 times: after 1 m, 5 m, 15 m",
            },
        ),
        choice(
            "callbacks.last-instant",
            "An instant past the end of the year 9999, as of a retry that never comes, is written as that end,"
            " `9999-12-31T23:59:59.999Z`",
            "wire.instants",
        ),
        choice("callbacks.virtual", "The retries run on the virtual clock, the 2 s on the real one", "sandbox.driver"),
        choice("callbacks.same-body", "A retry repeats the body of its first attempt", DELIVERIES),
        choice(
            "callbacks.plain",
            "Redirects are not followed. Proxies and cookies are not used. The certificate of an https receiver is not"
            " verified",
            HTTP,
        ),
        choice("callbacks.no-userinfo", "A user and password in the callback's URL are not sent", "wire.types"),
        choice(
            "callbacks.forbidden",
            "A callback that `--callback-allow` and `--callback-deny` forbid is a failed attempt, and is retried like"
            " any other",
            "delivery.destinations",
        ),
        choice(
            "callbacks.url-without-userinfo",
            "A callback URL is kept without the user and password that it may name, and echoed so",
            "wire.types",
        ),
        choice(
            "callbacks.rewritten",
            "A callback that `--callback-rewrite` sends elsewhere keeps its path and query, and its `Host` names the"
            " new host. The journal has both URLs",
            "delivery.rewrites",
        ),
        choice(
            "callbacks.head-decides",
            "The head of the answer decides. After a 2xx head, a body that breaks off, never ends or contradicts the"
            " head is no failure",
            ANSWER,
        ),
        choice(
            "callbacks.head-limits",
            "The head must end within 64 KiB and the 2 s, after at most 16 interim answers (1xx). 101 and 3xx are"
            " failures like 4xx and 5xx",
            ANSWER,
        ),
        choice(
            "callbacks.once",
            "An attempt posts once, and never again on another connection. Of the answer's body 1 KiB is kept; what a"
            " receiver sends beyond it fails no later callback",
            "delivery.connections",
        ),
        choice(
            "callbacks.addresses",
            "The addresses of a host are tried in their order. After a quarter of a second without a connection, the"
            " next one is tried beside it",
            "delivery.dialer",
        ),
        choice(
            "callbacks.order",
            "Callbacks of one flow are posted in order, the next only after the one before it was answered. A callback"
            " that waits for its retry holds up nothing",
            "sandbox.lanes",
        ),
        choice(
            "callbacks.side-by-side",
            "In the manual and instant modes, callbacks of different flows run side by side when they are due at the"
            " same virtual instant; in real time, always",
            "sandbox.driver",
        ),
    ),
)

ANSWERS = Chapter(
    "Answers to Viber messages",
    (
        doc(
            "inbound.body",
            "An answer is a POST to the step's `inboundUrl`: `from`, `to`, `message`, `sentDate`,"
            " `referenceTrackingId` (the outbound message's), `direction`, `media`, `filename`, `label`",
            INBOUND,
        ),
        choice(
            "inbound.by-hand",
            "Answers are made only by hand, with `POST /_mock/inbound`; `to` is the made-up name of the sender",
            INBOUND,
        ),
        choice("inbound.taken", "Answers count as taken, and are retried, as callbacks are", OUTBOX),
    ),
)

ANSWERED = Chapter(
    "Who has answered a call",
    (
        doc(
            "answered.machine",
            "With Continue, a POST to `machineDetection.eventUrl` when a machine is detected; a dial plan is expected"
            " in the answer, as the voice API documents it",
            OUTBOX,
        ),
        choice(
            "answered.person",
            "It is posted when a person answers, too: in the instant in which the call becomes InProgress, after the"
            " callbacks of that change",
            OUTBOX,
        ),
        choice(
            "answered.body",
            "Its body: `messageId`, `conversationTrackingId` (the flow's trackingId), `from`, `to`, `direction`,"
            " `status`, by analogy with the voice API; and `answeredBy`: `human` or `machine`",
            VOICE,
        ),
        choice(
            "answered.by",
            "The outcome `machine` is answered by a machine; every other call, and one whose InProgress is pushed, by a"
            " person",
            "core.catalogue",
        ),
        choice(
            "answered.once",
            "One attempt, and no retry: the call is over by then. The dial plan in the answer is journalled and not"
            " played",
            OUTBOX,
        ),
    ),
)
