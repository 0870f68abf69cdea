"""The rules of the flow document, which tracking and callbacks share."""

from mockserver.fidelity.rule import Chapter, choice, doc

DOCUMENT, MESSAGES, VOICE = "wire.routee.document", "wire.routee.channels.messages", "wire.routee.channels.voice"
SMS, PARTS = "wire.routee.channels.sms", "numbering.parts"

FLOW_DOCUMENT = Chapter(
    "The flow document",
    (
        doc("document.keys", "Tracking and callbacks use one document; its keys", DOCUMENT),
        choice("document.no-status", "A step without a status has no message in the document", DOCUMENT),
        choice(
            "document.viber-from",
            "Viber `from`: a made-up name for the sender's id, so that nobody confuses the two",
            "wire.routee.channels.viber",
        ),
        doc("document.country", "`country` and `operator` follow from the number's prefix", "numbering.numbers"),
        choice(
            "document.numbering", "`country` and `operator` are looked up in public numbering data", "numbering.numbers"
        ),
        doc("document.parts", "The parts of a multipart Sms have one entry each", SMS),
        choice(
            "document.parts-together",
            "The parts of an Sms all change together, and the `body` of each is the whole text as the mock got it",
            SMS,
        ),
        choice(
            "document.latency",
            "`latency`: whole seconds from the message's creation to its delivery, 0 until then",
            SMS,
        ),
        choice("document.voice", "Voice messages have keys by analogy with the voice API", VOICE),
        choice(
            "document.voice-to",
            "Voice `to` is the plain number (or address) that was called; `duration` is in whole seconds, 0 until the"
            " call is over",
            VOICE,
        ),
        choice(
            "document.paid",
            "An Sms or Viber message is paid when its step begins. A call is paid when it is over, by started minute."
            " What was not sent costs nothing",
            "core.cost",
        ),
        doc(
            "document.instants",
            "Instants: ISO 8601 UTC, milliseconds without trailing zeros, no milliseconds in an Sms's `updatedDate`",
            "wire.instants",
        ),
        choice("document.virtual-instants", "All instants are of the virtual clock", "core.clock"),
        doc(
            "document.sms-parts",
            "Sms parts: GSM 03.38 160/153, UCS-2 70/67; `transcode` replaces look-alike characters, unless the text"
            " fits one part",
            PARTS,
        ),
        choice(
            "document.transcoded",
            "Which characters `transcode` replaces (every dash, space, quotation mark and line break among them), and"
            " that it leaves out invisible ones (zero-width spaces and joiners, soft hyphens, fillers, marks of"
            " direction), unless the text needs more parts after it",
            PARTS,
        ),
    ),
)
