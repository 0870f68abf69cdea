"""The rules of Routee's service for one-time passwords."""

from mockserver.fidelity.rule import Chapter, choice, doc

HTTP, READING, MODELS, ERRORS = "http.otp", "wire.otp.requests", "wire.otp.models", "wire.otp.errors"
DOCUMENT, SEARCH, TEMPLATES = "wire.otp.document", "wire.otp.search", "wire.otp.templates"

OTP = Chapter(
    "One-time passwords: `/failover-otp`",
    (
        doc(
            "otp.health",
            "`GET /failover-otp`, with or without a slash at the end: `service`, `version`, `status`, `health`;"
            ' `GET /failover-otp/health`: `{"status": "ok"}`. Neither needs a token',
            HTTP,
        ),
        choice(
            "otp.health-values",
            "The values in the answers of `/failover-otp` and its `/health`, and that neither is journalled",
            HTTP,
        ),
        doc(
            "otp.paths",
            "`POST /failover-otp/otp/send-failover`, `GET /failover-otp/otp/failover/{id}` by the flowId or the"
            " trackingId of any step, `GET /failover-otp/otp/failover`: their paths and parameters",
            HTTP,
        ),
        doc("otp.templates", "`GET /failover-otp/otp/templates` exists", HTTP),
        choice("otp.templates-form", "The form of the templates, and the names of parameters and languages", TEMPLATES),
        choice("otp.bearer", "The bearer is the one of `/oauth/token`, with the `failover` scope", HTTP),
        choice(
            "otp.no-bearer",
            'No bearer: 403 `{"detail": "Not authenticated"}`, as the reference says. Another page says 401',
            ERRORS,
            "otp_no_bearer",
            {401: 'No bearer: 401 `{"detail": "Not authenticated"}`'},
        ),
        doc("otp.invalid-bearer", 'A bearer that is invalid or has run out: 401 `{"detail"}`', ERRORS),
        choice("otp.no-scope", 'A bearer without the scope: 403 `{"detail"}`', ERRORS),
        choice("otp.unknown", 'An id that is not known, or another application\'s: 404 `{"detail"}`', ERRORS),
        doc("otp.errors", "A wrong body or query: 422", ERRORS),
        choice(
            "otp.errors-form",
            'The form of the 422: `{"detail": [{"loc", "msg", "type"}]}`, every wrong field named, 100 at most;'
            " malformed JSON, another content type and an encoded body get it too",
            ERRORS,
        ),
        choice(
            "otp.other-errors",
            "413, 405, unknown paths, and the faults 429 and 503 of a scenario stay in Routee's shape",
            HTTP,
        ),
        doc("otp.steps", "`flow` holds at least one step", READING),
        choice("otp.most-steps", "`flow` holds at most 100 steps", READING),
        choice("otp.most-fields", "A step has at most 100 fields", READING),
        doc("otp.types", "`type`: `ViberOtp` or `Sms`", READING),
        choice("otp.type-case", "`type` may be in any case, and is echoed as here; Voice or another is a 422", READING),
        doc("otp.to", "`to`: a text or an array", READING),
        choice(
            "otp.to-number",
            "`to`: a number with or without a plus, or an array that holds exactly one; echoed as it was sent",
            READING,
        ),
        doc("otp.order", "`order`: required, an integer from 1, unique in the flow", READING),
        choice("otp.most-order", "`order` is at most 1000000", MODELS),
        doc("otp.ttl", "`ttl`: required, whole seconds", MODELS),
        choice("otp.ttl-limits", "`ttl` is 0 to 86400; 0 runs out at once", MODELS),
        doc("otp.label", "A step may have a `label`", MODELS),
        choice("otp.label-length", "`label` has at most 350 characters", MODELS),
        doc(
            "otp.viber",
            "`ViberOtp`: `senderInfoTrackingId`, `templateId` (UUID), `pin` (text of 4 to 10 characters) are required;"
            " `templateType` is one of nine",
            MODELS,
        ),
        doc(
            "otp.business-name",
            "`businessName` is required for `with_business_name`, `with_business_and_validity_hours`, `with_reason`",
            READING,
        ),
        choice(
            "otp.business-by-id", "`businessName` is required too where only the `templateId` says such a type", READING
        ),
        doc("otp.template-ids", "The ids of the nine published templates, from sibling providers", TEMPLATES),
        choice(
            "otp.wrong-template-type",
            "One of the nine published templates with another `templateType` is a 422 that names the right one; another"
            " `templateId` is accepted",
            READING,
        ),
        choice(
            "otp.parameters",
            "All other fields of a `ViberOtp` step are parameters, as a sibling service documents them: texts have at"
            " most 50 characters and no link, numbers are whole. They are echoed; a NUL character or a number beyond"
            " 64 bits is a 422",
            READING,
        ),
        doc("otp.language", "The language of a password is English by default", MODELS),
        choice("otp.language-name", "The field for the language is called `language`, and its default is `en`", MODELS),
        doc(
            "otp.after-delivered",
            "`failoverAfterDelivered`: the next step begins `ttl` seconds after the delivery",
            "core.flow",
        ),
        choice(
            "otp.not-seen",
            "With `failoverAfterDelivered`, also called `failover_after_delivered`, the next step begins one `ttl`"
            " after the delivery, unless the message was seen by then. The ttl runs anew from the delivery",
            "core.engine",
        ),
        choice(
            "otp.after-delivered-where",
            "`failoverAfterDelivered` means nothing on the last step; on an Sms it is a 422",
            READING,
        ),
        doc("otp.sms", "`Sms`: `message.body` is required", MODELS),
        choice("otp.sms-from", "`Sms`: `from` is required too", MODELS),
        doc("otp.callback", "`callback.url` is required where `callback` is given; http or https", MODELS),
        choice(
            "otp.blanks",
            "Blanks count as absent, and are not echoed; unknown fields are echoed, also with `--strict-fields`; no"
            " default is filled in; steps are echoed in running order",
            READING,
        ),
        doc("otp.success-status", "A valid send is answered 200, even if it fails", HTTP),
        doc("otp.reply-status", "Several steps, one of them sent: `InProgress`. One step, sent: `Succeeded`", DOCUMENT),
        choice("otp.tracked-status", "Tracking has a single step `InProgress` while it is under way", DOCUMENT),
        doc("otp.unpaid", "Without balance a send is `Failed`, statusCode 1", HTTP),
        choice(
            "otp.passed-over",
            "Without balance for the first channel, the next ones are tried in order. A channel that is passed over was"
            " not attempted. Without balance for any: `flowId` and `type` null, and no flow is kept",
            "core.selection",
        ),
        choice(
            "otp.played-faults",
            "A scenario's API answer 500 is a reply `Failed` with statusCode 0, `insufficient balance` one with"
            " statusCode 1",
            HTTP,
        ),
        doc("otp.viber-triggers", "Viber EXPIRED, FAILED, UNDELIVERED lead to the next step", READING),
        choice(
            "otp.other-triggers",
            "Viber UNSENT leads to the next step too, and so do Sms Undelivered, Failed, Unsent",
            READING,
        ),
        doc("otp.status-code", "`statusCode` is an integer", DOCUMENT),
        choice(
            "otp.status-codes",
            "What is unsent with no step left ends with statusCode 1, any other failure with 2",
            DOCUMENT,
        ),
        choice(
            "otp.apart",
            "The flows of this service are not in `/failover/tracking`, and other flows are not here",
            "http.routee",
        ),
        doc("otp.document", "One document for tracking and webhooks: its fields, whole seconds", DOCUMENT),
        choice("otp.prices", "`total_cost` and `price` as for `/failover`", DOCUMENT),
        choice(
            "otp.queued",
            "A step is `queued` until its channel says something else; the first QUEUED or Queued is no visible change",
            DOCUMENT,
        ),
        choice(
            "otp.begun-steps",
            "A step stands in the document once its channel has queued it, the first at once",
            DOCUMENT,
        ),
        choice(
            "otp.detailed-status",
            "`detailed_status` is the reason; `Expired` for a Viber message whose ttl ran out; `error_message` says"
            " what went wrong",
            DOCUMENT,
        ),
        choice(
            "otp.sent-at",
            "`sent_at`: of an Sms when its operator took it, of a Viber message when its step began, once it is no"
            " longer queued; `latency_ms`: from the beginning of the step to the delivery",
            DOCUMENT,
        ),
        choice("otp.parts", "An Sms of several parts is one step, with the price of all parts", DOCUMENT),
        doc("otp.list", "The list takes `limit`, `tag`, `phone_number` and `status`", SEARCH),
        choice(
            "otp.list-order",
            "The list is newest first; `limit` is 1 to 500, by default 50; `tag` and `phone_number` look at every"
            " step; `status` may be in any case, and an unknown one is a 422",
            SEARCH,
        ),
        doc(
            "otp.webhooks",
            "A webhook for every visible change after the first state, also when a step is added. No strategy",
            "core.deliveries",
        ),
        choice(
            "otp.webhook-order",
            "When a step is added, the webhook for the change of the step before it comes first",
            "core.deliveries",
        ),
        doc("otp.no-retry", "A webhook is not retried; it is taken with a 2xx within 2 s", "core.outbox"),
        choice("otp.webhook-faults", "A scenario's faults of callbacks apply to these webhooks too", "core.deliveries"),
    ),
    note="No recorded body of this service is public, and its documentation could be read in large parts, not whole.",
)
