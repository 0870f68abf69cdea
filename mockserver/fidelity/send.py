"""The rules of POST /failover."""

from mockserver.fidelity.rule import Chapter, choice, doc, seen

CAREFUL, MODELS, FIELDS = "wire.routee.careful", "wire.routee.models.types", "wire.routee.fields"
VIBER, VOICE, SMS = "wire.routee.channels.viber", "wire.routee.channels.voice", "wire.routee.models.sms"
LIMITS, BLANKS, ERRORS = "wire.routee.limits", "wire.routee.blanks", "wire.errors"

SEND = Chapter(
    "Send: `POST /failover`",
    (
        choice(
            "send.success-status",
            "Success is 200",
            "http.send",
            "success_status",
            {201: "Success is 201"},
        ),
        choice("send.type-case", "`type` may be in any case", CAREFUL),
        choice(
            "send.type-echo",
            "`type` is echoed as `Sms`, `Viber`, `Voice`",
            CAREFUL,
            "type_echo",
            {"as-sent": "`type` is echoed in the case in which it was sent"},
        ),
        seen("send.plus", "`to` is in E.164. The plus is optional, and the echo always has it", "numbering.numbers"),
        choice(
            "send.made-up-numbers",
            "A number has 7 to 15 digits and a calling code that exists. The mock does not check that the number is in"
            " use, so made-up numbers work",
            "numbering.numbers",
        ),
        doc("send.voice-to", "Voice `to`: a number, or `{phone, viber, sip}` with at least one of them", VOICE),
        choice("send.voice-to-echo", "Voice `to` is echoed in the shape that was sent", VOICE),
        choice(
            "send.limits",
            "`order` is at most 1000000; `senderInfoTrackingId` and a SIP address at most 255 characters,"
            " `callback.url` and `inboundUrl` at most 2000",
            LIMITS,
        ),
        choice("send.sip-address", "A SIP address is `user@host`, with or without `sip:`", VOICE),
        doc("send.order", "`order` is an integer from 1, by default the position", MODELS),
        choice(
            "send.duplicate-orders",
            "Two steps may have the same `order`, and run by position",
            CAREFUL,
            "duplicate_orders",
            {"refused": "A second step with the same `order` is a 400"},
        ),
        doc(
            "send.triggers",
            "`failoverOnStatuses` is an array or one comma-separated text, in any case. It is echoed as an array, spelt"
            " as it was sent",
            FIELDS,
        ),
        doc("send.default-triggers", "`failoverOnStatuses` absent: the channel's default", "core.channels"),
        choice(
            "send.empty-triggers",
            "`failoverOnStatuses` as `[]`, or as a text with nothing but commas: also the default",
            MODELS,
            "empty_triggers",
            {"none": "`failoverOnStatuses` as `[]`, or as a text with nothing but commas: no status is a trigger"},
        ),
        choice("send.blank-trigger", "A blank entry in an array of `failoverOnStatuses`: 400", MODELS),
        doc(
            "send.trigger-statuses",
            "`failoverOnStatuses` may have, for Sms: Undelivered, Failed; for Viber: Expired, Failed, Undelivered; for"
            " Voice: Completed, Busy, NoAnswer, Failed, Unsent, Terminated",
            "core.channels",
        ),
        choice("send.other-triggers", "Any other status in `failoverOnStatuses` is a 400", MODELS),
        doc(
            "send.ttl",
            "`ttl` is in minutes. Sms: integer, 1 to 1440, default 1200. Viber: 0.5 to 1440, one decimal place, default"
            " 10. Voice: ignored",
            LIMITS,
        ),
        choice("send.whole-numbers", 'A whole number may be written as `10.0`, but not as `"10"`', "wire.types"),
        choice(
            "send.viber-ttl-echo",
            "A whole Viber `ttl` is echoed as `10`, not `10.0`",
            VIBER,
            "viber_ttl_echo",
            {"decimal": "A whole Viber `ttl` is echoed as `10.0`"},
        ),
        doc(
            "send.sms-from",
            "Sms `from`: at most 16 digits, with or without a plus before them; or at most 11 letters and digits with"
            " at least one letter",
            LIMITS,
        ),
        choice("send.sms-from-signs", "A name in `from` may also have spaces and `. _ & -`", LIMITS),
        choice("send.voice-from", "Voice `from`: as for Sms", "wire.routee.models.voice"),
        doc(
            "send.sms-message",
            "`message.body` is not blank; `flash` is false by default; `label` has at most 350 characters; without"
            " `transcode`, the application's setting counts",
            SMS,
        ),
        doc("send.transcode-false", "`transcode: false` does not count as blank", BLANKS),
        doc(
            "send.url-shortener", "`urlShortener.urlValidity` is 3600 to 2592000, on the step or inside `message`", SMS
        ),
        choice("send.url-validity", "`urlValidity` is required when `urlShortener` is present", SMS),
        doc(
            "send.viber-content",
            "Viber `text` to 1000 characters, `imageUrl` https to 1000, `action.caption` 1 to 30, `action.targetUrl` to"
            " 1000, `label` on the step to 350",
            "wire.routee.models.viber",
        ),
        choice("send.label-name", "`[~{labelName}]` is not changed", VIBER),
        doc(
            "send.viber-file",
            "`viberFile` needs all three of its fields, `viberVideo` all four; their limits",
            "wire.routee.models.viber",
        ),
        choice("send.file-size", "`fileSize` is in bytes, at most 200 MiB", VIBER),
        choice("send.some-content", "A Viber message has at least one of text, image, file, video", VIBER),
        seen("send.viber-combinations", "Which contents can go together in one Viber message, and which cannot", VIBER),
        doc(
            "send.no-template",
            "Template fields are refused: they belong to `POST /failover/transactional`",
            "wire.routee.channels",
        ),
        doc("send.dial-plan", "The dial plan may be `dialPlan`, `dialplan` or `dialPlans`", VOICE),
        choice(
            "send.dial-plan-echo",
            "The dial plan is echoed as `dialPlans`",
            VOICE,
            "dial_plan_echo",
            {"as-sent": "The dial plan is echoed under the name with which it was sent"},
        ),
        choice("send.two-dial-plans", "Two different dial plans under two names: 400", CAREFUL),
        doc("send.verbs", "The verbs SAY and PLAY, their fields and languages", "wire.routee.models.voice"),
        choice("send.other-verbs", "Other verbs are refused", "wire.routee.models.voice"),
        choice(
            "send.say",
            "SAY: `language` and `gender` are optional; `repeat` is at most 2147483647",
            "wire.routee.models.voice",
        ),
        choice(
            "send.own-case",
            "Verb types, languages, `gender` and `machineDetection.strategy` must be in Routee's own case",
            "wire.routee.models.voice",
        ),
        doc("send.machine-detection", "`machineDetection.eventUrl` is allowed only with Continue", VOICE),
        choice("send.strategy-case", "`callback.strategy` may be in any case", "wire.routee.models.send"),
        choice(
            "send.default-strategy",
            "A `callback.url` without a strategy: OnCompletion",
            CAREFUL,
            "default_strategy",
            {"OnStep": "A `callback.url` without a strategy: OnStep"},
        ),
        choice(
            "send.strategy-without-url",
            "A `callback.strategy` without a url: 400",
            CAREFUL,
            "strategy_without_url",
            {"ignored": "A `callback.strategy` without a url: as without a callback"},
        ),
        seen(
            "send.blank-clients",
            'A widely copied client sends every field on every step, blank (`""`, `0`, `false`, `[]`) where it means'
            " nothing",
            BLANKS,
        ),
        choice(
            "send.blank-fields",
            'Blank optional fields (`""`, white space, `0`, `false`, `[]`, `null`, objects and arrays of these) count'
            " as absent, also fields of other channels",
            BLANKS,
            "blank_fields",
            {"as-sent": "Only `null` counts as absent; any other blank is a value, and a 400 where it cannot be one"},
        ),
        choice(
            "send.foreign-fields",
            "A field of another channel that is not blank: 400",
            CAREFUL,
            "foreign_fields",
            {"ignored": "A field of another channel is ignored"},
        ),
        choice(
            "send.unknown-fields",
            "Unknown fields are ignored. `--strict-fields` refuses these and fields of other channels, blank or not,"
            " but not a Voice `ttl`",
            CAREFUL,
        ),
        choice(
            "send.most-steps",
            "At most 100 steps, 100 verbs in a dial plan, 100 entries in `failoverOnStatuses`",
            LIMITS,
        ),
        choice(
            "send.most-parts",
            "An Sms takes at most 255 parts, the most that a phone network can number; its `body` has at most 39015"
            " characters, whatever `transcode` would leave out. More is a 400 that names `message.body`",
            LIMITS,
        ),
        choice(
            "send.most-document",
            "A flow whose document would be larger than about 16 MiB is a 400 that names `flow`: each part of an Sms"
            " repeats the body, so the longest one makes 10 MB",
            LIMITS,
        ),
        choice(
            "send.nul", "A text with a NUL character is refused, in `restrictions` and `templateParams` too", FIELDS
        ),
        choice(
            "send.urls", "A URL has no white space or control characters; its scheme may be in any case", "wire.types"
        ),
        choice("send.same-key", "If an object has the same key twice, the last one counts", CAREFUL),
        doc("send.restrictions", "`restrictions`: any object, echoed", CAREFUL),
        choice(
            "send.large-numbers",
            "A number beyond 64 bits, which would lose digits, is refused in `restrictions` and `templateParams`",
            FIELDS,
        ),
        choice("send.restrictions-depth", "`restrictions` are at most about 240 levels deep", FIELDS),
        choice(
            "send.content-type",
            "Content type: JSON by any of its names, or none; anything else is a 400",
            "http.replies",
        ),
        choice("send.too-large", "A body over 1 MiB (`--max-body`): 413 `413000000`", ERRORS),
        choice("send.most-nests", "A body with more than 50,000 arrays and objects: 400", "wire.problems"),
        seen(
            "send.errors",
            "One 400 names every wrong field: `code`, `developerMessage`, `entity`, `properties`",
            ERRORS,
        ),
        choice(
            "send.error-texts", "The `entity` of the 400 for wrong fields, and the texts in its `properties`", ERRORS
        ),
        choice(
            "send.most-errors",
            "Of more than 100 wrong fields the first 100 are named, and `...` says how many more there are",
            "wire.problems",
        ),
        choice(
            "send.no-balance",
            'Balance too low: the send is accepted, then the flow is Failed with statusCode "1"; or 400 `400001009` at'
            " once (`--balance-mode at-once`)",
            "core.acceptance",
        ),
        seen(
            "send.insufficient-balance",
            "The sibling SMS API answers 400 `400001009` when the balance is too low",
            ERRORS,
        ),
        choice(
            "send.at-once",
            "`at-once` refuses a send whose first step cannot be paid, or whose recipient is a magic number without"
            " balance",
            "core.acceptance",
        ),
        choice(
            "send.unknown-path", "Unknown path: 404. Wrong method: 405. Each names what comes close", "http.replies"
        ),
    ),
)
