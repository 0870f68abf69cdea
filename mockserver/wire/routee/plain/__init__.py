"""The shapes of a plain send, field by field, as msgspec structs: what nearly every client sends.

A send is plain when it is right as it stands: in the spelling of the documentation, without blanks, unknown fields or
what few clients use. Each struct takes less than the model of the same name in `models`, and never anything else; the
limits of both are the same numbers, in `channels` and in `limits`.
"""
