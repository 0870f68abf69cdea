"""The shapes of a plain send, field by field, as msgspec structs: what nearly every client sends.

A plain send is valid and needs no change: it has the spelling of the documentation, no blanks, no unknown fields, and
nothing that few clients use. Whatever a struct accepts, the model of the same name in `models` accepts too. Both use
the same limits, from `channels` and `limits`.
"""
