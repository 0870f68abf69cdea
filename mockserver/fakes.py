"""A Faker provider: requests to Routee's Failover API and what comes back, for demonstrations and fixtures.

    fake = Faker()
    fake.add_provider(RouteeProvider)
    fake.routee_flow_body()

The same seed gives the same fakes. All of them are valid. What comes back is what a mock answers, because the engine
plays the flow. This module needs Faker: the extra `faker`.
"""

from collections.abc import Callable, Mapping, Sequence

try:
    from faker.providers import BaseProvider
except ModuleNotFoundError as error:
    raise ImportError(
        "mockserver.fakes needs Faker, which comes with the extra `faker`: pip install 'routee-failover-mock[faker]'"
    ) from error

from mockserver.core import catalogue
from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.numbering.examples import example_numbers
from mockserver.simulation import START, CallbackSequence, read, simulate
from mockserver.wire import Json
from mockserver.wire.otp.requests import SMS, VIBER
from mockserver.wire.otp.templates import BUSINESS, OF_A_BUSINESS
from mockserver.wire.otp.templates import TEMPLATES as OTP_TEMPLATES

WEBHOOK = "http://webhook.invalid/routee"
"""Where callbacks of made-up flows go by default: a host that does not exist."""

BRANDS = ("Parcelway", "Nordbank", "Cityclinic", "Petstop", "Trainline7", "Gymbox", "Bookhaven", "Solargrid")

TEXTS = (
    "Hello {name}, your parcel {code} arrives today between {hour}:00 and {hour}:45.",
    "{code} is your code for signing in. It is good for ten minutes. Do not tell it to anybody.",
    "{name}, we look forward to seeing you tomorrow at {hour}:30. Reply NO to cancel.",
    "Your invoice {code} of {amount} EUR is due on Friday.",
    "Dear {name}, {amount} EUR were paid with your card ending in {last}. Was it not you? Call us.",
    "The 0{digit}:15 to the airport is {digit}0 minutes late today. We are sorry.",
)

CAPTIONS = ("Track it", "See more", "Pay now", "Change the date", "Call us")

TEMPLATES = ("order-update", "appointment-reminder", "one-time-code", "payment-receipt")

DAY = 86_400_000

ENDS = {
    Channel.VIBER: ("delivered", "delivered", "delivered", "seen", "expired", "not a viber user", "undelivered"),
    Channel.SMS: ("delivered", "delivered", "delivered", "delivered", "undelivered", "unknown number", "failed"),
    Channel.VOICE: ("completed", "completed", "busy", "no answer", "machine"),
}
"""The outcomes of messages, about as frequent as in real life."""


class RouteeProvider(BaseProvider):
    """Numbers, steps, flows, credentials and callbacks of Routee's Failover API, all as plain data."""

    # Parts

    def routee_number(self, viber: str | None = None, sms: str | None = None, voice: str | None = None) -> str:
        """A recipient in E.164 whose number belongs to nobody.

        With outcomes ("expired", "delivered"...): a magic recipient whose messages have these outcomes. Raises
        ValueError for an outcome that no digit stands for.
        """
        asked = {"viber": viber, "sms": sms, "voice": voice}
        outcomes = {channel: outcome for channel, outcome in asked.items() if outcome is not None}
        if not outcomes:
            return str(self.random_element(example_numbers()))
        return catalogue.recipient(self.random_int(0, 99), **outcomes)

    def routee_sender(self) -> str:
        """The name of a sender."""
        return str(self.random_element(BRANDS))

    def routee_text(self) -> str:
        """A text like those that shops and banks send."""
        return str(self.random_element(TEXTS)).format(
            name=self.generator.first_name(),
            code=self.numerify("######"),
            hour=self.random_int(8, 18),
            amount=self.numerify("%#.##"),
            last=self.numerify("%###"),
            digit=self.random_digit_not_null(),
        )

    def routee_credentials(self) -> Json:
        """The id and secret of an application, in Routee's form: `applicationId`, `applicationSecret`."""
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        return {
            "applicationId": self.hexify("^" * 24),
            "applicationSecret": "".join(self.random_choices(letters, length=10)),
        }

    # Steps

    def routee_sms_step(self, to: str | None = None, text: str | None = None, sender: str | None = None) -> Json:
        """A step over Sms. to: its recipient. text: of the message. sender: its name or number. By default any."""
        message: Json = {"body": text or self.routee_text()} | self._sometimes({"label": self._label()})
        step = {"type": "Sms", "to": to or self.routee_number(), "from": sender or self.routee_sender()}
        return step | {"message": message} | self._sometimes({"ttl": self.random_element((5, 60, 240))})

    def routee_viber_step(self, to: str | None = None, text: str | None = None) -> Json:
        """A step over Viber: a text, sometimes with a picture and a button. Arguments as for an Sms."""
        button = {
            "caption": self.random_element(CAPTIONS),
            "targetUrl": f"https://shop.invalid/{self.numerify('####')}",
        }
        picture = {"imageUrl": f"https://media.invalid/{self.numerify('####')}.jpg", "action": button}
        message = {"text": text or self.routee_text()} | self._sometimes(picture)
        return self._viber(to) | {"message": message} | self._sometimes({"label": self._label()})

    def routee_template_step(self, to: str | None = None) -> Json:
        """A step over Viber from a template, for POST /failover/transactional."""
        return self._viber(to) | {
            "templateId": self.random_element(TEMPLATES),
            "templateLang": self.random_element(("en", "el", "de")),
            "templateParams": {"name": self.generator.first_name(), "code": self.numerify("######")},
        }

    def routee_voice_step(self, to: str | None = None, text: str | None = None, sender: str | None = None) -> Json:
        """A step over Voice: a call that reads out a text. Arguments as for an Sms."""
        words = {
            "text": text or self.routee_text(),
            "language": "en-GB",
            "gender": self.random_element(("female", "male")),
        }
        return {
            "type": "Voice",
            "to": to or self.routee_number(),
            "from": sender or self.routee_sender(),
            "dialPlan": {"verbs": [{"type": "SAY", "message": words}]},
        }

    # Flows

    def routee_flow(self, channels: Sequence[str] | None = None, to: str | None = None) -> list[Json]:
        """The steps of a flow: one text, from one sender, to one recipient.

        channels: of the steps, in order; by default one of the usual orders. Raises ValueError for an unknown channel.
        """
        usual = (("Viber", "Sms"), ("Sms",), ("Viber", "Sms", "Voice"), ("Sms", "Voice"))
        return self._steps(channels or self.random_element(usual), to, transactional=False)

    def routee_flow_body(
        self,
        channels: Sequence[str] | None = None,
        to: str | None = None,
        strategy: str | None = None,
        url: str = WEBHOOK,
    ) -> Json:
        """A body of POST /failover with a callback to `url`. strategy: "OnStep", "OnCompletion"; by default either."""
        return {"flow": self.routee_flow(channels, to), "callback": self._callback(strategy, url)}

    def routee_transactional_flow_body(
        self,
        channels: Sequence[str] | None = None,
        to: str | None = None,
        strategy: str | None = None,
        url: str = WEBHOOK,
    ) -> Json:
        """A body of POST /failover/transactional: its Viber steps are templates. Otherwise like `routee_flow_body`."""
        steps = self._steps(channels or ("Viber", "Sms"), to, transactional=True)
        return {"flow": steps, "callback": self._callback(strategy, url)}

    def routee_otp_step(self, to: str | None = None, pin: str | None = None) -> Json:
        """A one-time password over Viber. to: its recipient. pin: the password. By default any."""
        template = self.random_element(OTP_TEMPLATES)
        words = {BUSINESS: self.routee_sender()} if template.type in OF_A_BUSINESS else {}
        sender, code = self.hexify("^" * 8), pin or self.numerify("######")
        step = {"type": VIBER, "to": to or self.routee_number(), "order": 1, "ttl": self.random_element((30, 60, 120))}
        step |= {"senderInfoTrackingId": sender, "templateId": template.id, "pin": code}
        return step | words | self._sometimes({"failoverAfterDelivered": True})

    def routee_otp_sms_step(self, to: str | None = None, pin: str | None = None, sender: str | None = None) -> Json:
        """A one-time password over Sms. Arguments as for Viber. sender: its name or number."""
        body = f"{pin or self.numerify('######')} is your code. Do not tell it to anybody."
        step = {"type": SMS, "to": to or self.routee_number(), "order": 1, "ttl": self.random_element((120, 300))}
        return step | {"from": sender or self.routee_sender(), "message": {"body": body}}

    def routee_otp_body(
        self, channels: Sequence[str] = ("Viber", "Sms"), to: str | None = None, url: str = WEBHOOK
    ) -> Json:
        """A body of POST /failover-otp/otp/send-failover, with a callback to `url`: one password, to one recipient.

        channels: of the steps, in order. Raises ValueError for an unknown channel.
        """
        makers: Mapping[str, Callable[..., Json]] = {"viber": self.routee_otp_step, "sms": self.routee_otp_sms_step}
        said = (to or self.routee_number(), self.numerify("######"))
        for name in channels:
            if name.casefold() not in makers:
                raise ValueError(f"channels must be of Viber, Sms, not {name!r}")
        steps = [makers[name.casefold()](*said) | {"order": order} for order, name in enumerate(channels, start=1)]
        return {"flow": steps, "callback": {"url": url}}

    def routee_scenario(self) -> Json:
        """A scenario for POST /_mock/scenarios: the outcomes of one channel, and how often each happens."""
        channel = self.random_element(list(Channel))
        ends = ENDS[channel]
        weights = {name: ends.count(name) for name in dict.fromkeys(ends)}
        name = f"{channel.lower()}-{self.random_element(('monday', 'rush-hour', 'as-usual'))}"
        return {"name": name, "why": f"{channel} as it goes on most days.", channel.lower(): weights}

    # What comes back

    # body: of the flow; by default any. kind: "failover", "transactional" or "otp"; by default what its steps say.

    def routee_reply(self, body: Json | None = None, kind: str | None = None) -> Json:
        """The answer to the send of a flow."""
        return self._played(body, None, kind).reply

    def routee_callbacks(
        self, body: Json | None = None, strategy: str | None = None, kind: str | None = None
    ) -> list[Json]:
        """The bodies of all callbacks of one flow, in order. strategy: of its callback; an "otp" has none."""
        return self._played(body, strategy, kind).bodies

    def routee_callback(self, body: Json | None = None, kind: str | None = None) -> Json:
        """The body of one callback, at any moment of a flow."""
        return dict(self.random_element(self.routee_callbacks(body, "OnStep", kind)))

    def routee_document(self, body: Json | None = None, kind: str | None = None) -> Json:
        """The document of a flow that has ended, as tracking shows it."""
        return self._played(body, None, kind).document

    # Internals

    def _sometimes(self, fields: Json) -> Json:
        return fields if self.random_int(0, 2) == 0 else {}

    def _label(self) -> str:
        return f"{self.random_element(('order', 'otp', 'campaign'))}-{self.numerify('####')}"

    def _viber(self, to: str | None) -> Json:
        sender = self.hexify("^" * 8)
        step = {"type": "Viber", "to": to or self.routee_number(), "senderInfoTrackingId": sender}
        return step | self._sometimes({"ttl": self.random_element((1, 5, 30.5))})

    def _steps(self, channels: Sequence[str], to: str | None, *, transactional: bool) -> list[Json]:
        said = (to or self.routee_number(), self.routee_text(), self.routee_sender())
        makers: Mapping[str, Callable[[], Json]] = {
            "viber": lambda: self.routee_template_step(said[0]) if transactional else self.routee_viber_step(*said[:2]),
            "sms": lambda: self.routee_sms_step(*said),
            "voice": lambda: self.routee_voice_step(*said),
        }
        for name in channels:
            if name.casefold() not in makers:
                raise ValueError(f"channels must be of {', '.join(Channel)}, not {name!r}")
        return [makers[name.casefold()]() for name in channels]

    def _callback(self, strategy: str | None, url: str) -> Json:
        return {"strategy": strategy or self.random_element(("OnStep", "OnCompletion")), "url": url}

    def _played(self, body: Json | None, strategy: str | None, kind: str | None) -> CallbackSequence:
        """Play a flow to its end, at some instant of the year 2030."""
        made = self.routee_otp_body if kind == FlowKind.OTP else self.routee_flow_body
        sent = made() if body is None else body
        kind = kind or _kind(sent["flow"])
        url = (sent.get("callback") or {}).get("url") or WEBHOOK
        if kind == FlowKind.OTP:
            sent = sent | {"callback": {"url": url}}
        elif strategy is not None or not sent.get("callback"):
            sent = sent | {"callback": self._callback(strategy, url)}
        send = read(sent, kind=kind)
        outcomes = [self.random_element(ENDS[channel]) for channel in send.channels]
        seed, seconds = self.generator.random.getrandbits(32), self.random_int(0, 364 * DAY // 1_000)
        send = send.by(self.routee_credentials()["applicationId"])
        return simulate(send, outcomes=outcomes, seed=seed, start=START + seconds * 1_000)


def _kind(steps: Sequence[Json]) -> FlowKind:
    """The kind of a flow, by its steps. One of Sms alone can be of any kind, and is taken for POST /failover."""
    if any(str(step.get("type")).casefold() == VIBER.casefold() for step in steps):
        return FlowKind.OTP
    return FlowKind.TRANSACTIONAL if any("templateId" in step for step in steps) else FlowKind.FAILOVER
