"""The shapes of POST /failover, field by field, as pydantic models: the reference for validation and for OpenAPI.

The models check single fields; the rules of each channel check fields against each other.
"""
