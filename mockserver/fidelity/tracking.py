"""The rules of tracking, and of templates."""

from mockserver.fidelity.rule import Chapter, choice, doc, seen

SEARCH, MATCHING, TEMPLATE = "wire.routee.search", "wire.routee.matching", "wire.routee.channels.viber"

TRACKING = Chapter(
    "Tracking",
    (
        seen(
            "tracking.unknown",
            "Unknown id, or another application's: 404 with `entity`, `property`, `value`, as a sibling service has it",
            "wire.errors",
        ),
        choice(
            "tracking.unknown-code",
            "The code of the 404 for an unknown id is `404000000`",
            "wire.errors",
            "unknown_flow_code",
            {"404001001": "The code of the 404 for an unknown id is `404001001`"},
        ),
        choice("tracking.capitals", "An id is found in capitals too: it is a UUID", "core.chance"),
        doc(
            "tracking.dates", "`dateStart` and `dateEnd` are optional, inclusive, and compared with `createdAt`", SEARCH
        ),
        choice("tracking.zones", "A `dateStart` or `dateEnd` without a zone is UTC", SEARCH),
        doc("tracking.pages", "`page` starts at 0, and beyond the end it is empty; `size` is 10 by default", SEARCH),
        choice("tracking.most-size", "`size` is at most 2000", SEARCH),
        doc(
            "tracking.filters",
            "Filters by `type`, `to`, `status`, `terminationChannel`; `is`, `is_not`; for `to` also `contains`,"
            " `starts_with`, `ends_with`; joined by AND; terms in any case; one object without an array is fine",
            SEARCH,
        ),
        choice(
            "tracking.every-step",
            "`type` and `to` look at every step as it was sent; a `+` before a number makes no difference to `is`,"
            " `is_not` and `starts_with`; `is_not` holds when no value is equal",
            MATCHING,
        ),
        choice(
            "tracking.most-filters",
            "At most 20 filters; an empty body or `null` means none; anything else but an array or an object is a 400",
            SEARCH,
        ),
        choice(
            "tracking.order",
            "The search lists flows newest first",
            "http.routee",
            "search_order",
            {"oldest-first": "The search lists flows oldest first"},
        ),
        seen("tracking.empty-page", "An empty page: `totalPages` 0, `first` and `last` true", SEARCH),
        choice(
            "tracking.unknown-fields", "Unknown fields of a filter are ignored; a blank `searchTerm` is a 400", SEARCH
        ),
    ),
)

TEMPLATES = Chapter(
    "Templates: `POST /failover/transactional`",
    (
        doc(
            "templates.step",
            "As `/failover`, but a Viber step is a template: `templateId`, `templateLang` required, `templateParams`"
            " default `{}`, `deliveryScope` PRIMARY_DEVICE (default) or ALL_DEVICES",
            "wire.routee.models.viber",
        ),
        doc("templates.seq", "A template's `seq` is always echoed", TEMPLATE),
        choice("templates.seq-number", "`seq` is a whole number; if it is absent, it is echoed as `null`", TEMPLATE),
        doc("templates.no-message", "A `message`, or a `label` on a template step, that is not blank: 400", TEMPLATE),
        choice(
            "templates.params",
            "Nothing inside `templateParams` counts as blank; they are at most about 240 levels deep",
            "wire.routee.blanks",
        ),
        doc("templates.reply", 'The reply adds `flowKind: "transactional"`', "wire.routee.document"),
        doc("templates.search", "The search knows `flowKind`, failover or transactional", SEARCH),
        choice("templates.filter", "`flowKind` is a `fieldName` of the search's filters", SEARCH),
        choice(
            "templates.document",
            "The document shows the template instead of the body; a template costs what a text costs",
            TEMPLATE,
        ),
    ),
)
