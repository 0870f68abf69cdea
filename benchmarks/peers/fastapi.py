"""What one would write oneself: FastAPI and pydantic. It wants a token, validates the fields and echoes them; it stores
nothing, and nothing ever happens."""

from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field, HttpUrl

from benchmarks.bare import Server, configure

Number = Annotated[str, Field(pattern=r"^\+?[1-9][0-9]{6,14}$")]
Sender = Annotated[str, Field(pattern=r"^(\+?[0-9]{1,16}|[A-Za-z0-9 ]{1,11})$")]
Text = Annotated[str, Field(min_length=1, max_length=1_000)]


class Step(BaseModel):
    """What every step has."""

    order: Annotated[int, Field(ge=1)] | None = None
    failoverOnStatuses: list[str] = []  # noqa: N815 -- the API's own name


class Action(BaseModel):
    """A button."""

    caption: Annotated[str, Field(min_length=1, max_length=30)]
    targetUrl: HttpUrl  # noqa: N815


class ViberMessage(BaseModel):
    """The content of a Viber message."""

    text: Text | None = None
    imageUrl: HttpUrl | None = None  # noqa: N815
    action: Action | None = None


class Viber(Step):
    """A step over Viber."""

    type: Literal["Viber"]
    to: Number
    ttl: Annotated[float, Field(ge=0.5, le=1_440)] = 10
    senderInfoTrackingId: Annotated[str, Field(min_length=1, max_length=255)]  # noqa: N815
    label: Annotated[str, Field(max_length=350)] | None = None
    message: ViberMessage


class SmsMessage(BaseModel):
    """The content of an Sms."""

    body: Text
    label: Annotated[str, Field(max_length=350)] | None = None


class Sms(Step):
    """A step over Sms."""

    type: Literal["Sms"]
    to: Number
    sender: Annotated[Sender, Field(alias="from")]
    ttl: Annotated[int, Field(ge=1, le=1_440)] = 1_200
    message: SmsMessage


class SayMessage(BaseModel):
    """What is read out."""

    text: Text
    language: str | None = None
    gender: Literal["male", "female"] | None = None


class Say(BaseModel):
    """A verb of a call."""

    type: Literal["SAY"]
    message: SayMessage


class DialPlan(BaseModel):
    """A call."""

    verbs: Annotated[list[Say], Field(min_length=1)]


class Phone(BaseModel):
    """Where to call."""

    phone: Number


class Voice(Step):
    """A step over Voice."""

    type: Literal["Voice"]
    to: Phone
    sender: Annotated[Sender, Field(alias="from")]
    dialPlan: DialPlan  # noqa: N815


class Callback(BaseModel):
    """The webhook."""

    strategy: Literal["OnStep", "OnCompletion"] = "OnCompletion"
    url: HttpUrl


class Send(BaseModel):
    """A send."""

    flow: Annotated[list[Annotated[Viber | Sms | Voice, Field(discriminator="type")]], Field(min_length=1)]
    callback: Callback | None = None


class Reply(Send):
    """A send, with the id it is known by."""

    trackingId: str  # noqa: N815


app = FastAPI()


@app.post("/failover", dependencies=[Depends(HTTPBearer())], response_model_exclude_none=True)
async def send(wanted: Send) -> Reply:
    """Accept a flow."""
    return Reply.model_construct(trackingId=str(uuid4()), flow=wanted.flow, callback=wanted.callback)


if __name__ == "__main__":
    served: Any = configure(app)
    served.port = 0
    Server(served).run()
