"""The client for plain programs, made from `asynchronous`: see tests/client/test_synchronous.py."""
