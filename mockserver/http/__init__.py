"""Thin Starlette routes: the mocked API and the control API."""
