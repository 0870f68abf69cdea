"""The rules of scenarios, and of what tests do by hand."""

from mockserver.fidelity.rule import Chapter, choice

SELECTION, FAULTS, DELIVERIES = "core.selection", "core.faults", "core.deliveries"

SCENARIOS = Chapter(
    "Scenarios",
    (
        choice(
            "scenarios.order",
            "A scenario that matches decides a step. If none does, a magic number decides, then a default scenario."
            " Otherwise the step succeeds",
            SELECTION,
        ),
        choice("scenarios.unpaid", "A step that cannot be paid is unsent, whatever a scenario says", SELECTION),
        choice(
            "scenarios.uses",
            "A use is a flow or a refused send. A sequence counts for each recipient. Each sandbox counts its own",
            "core.scenarios",
        ),
        choice(
            "scenarios.api-faults",
            "Faults of the API affect valid requests only, with the right token or credentials; an error has Routee's"
            " shape unless the scenario gives a body; `reset` is a TCP reset; `delay` is real time",
            "http.faults",
        ),
        choice(
            "scenarios.callback-faults",
            "At the time of the send, the first scenario with `callbacks` that matches any step of the flow decides"
            " what goes wrong with the flow's callbacks",
            SELECTION,
        ),
        choice(
            "scenarios.duplicates",
            "A duplicate is a callback of its own, with its own retries. A callback held back is posted right after the"
            " next one of its flow. The one that ends the flow is never held back",
            DELIVERIES,
        ),
        choice(
            "scenarios.timeouts",
            "A played timeout posts the attempt and counts it as unanswered. It is retried like any other",
            "core.outbox",
        ),
        choice("scenarios.hold", "`POST /_mock/hold` drops what is planned", "core.hand"),
        choice("scenarios.push", "`POST /_mock/events` makes a message hear a status", "core.hand"),
    ),
    note="Scenarios are completely ours (choice). They can do only what the tables above allow.",
)
