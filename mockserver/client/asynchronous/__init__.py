"""The client for asynchronous programs. `synchronous` is made from it: see tools/plain_client.py."""
