"""The client for asynchronous programs. `synchronous` is made from it: see tests/client/test_synchronous.py."""
