"""Tests of wire/code."""
