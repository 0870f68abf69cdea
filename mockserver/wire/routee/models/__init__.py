"""The shapes of POST /failover, field by field, as pydantic models: the reference for validation and for OpenAPI.

What one field alone can get wrong is said here; what several fields get wrong together, by the rules of their channel.
"""
