"""The client for asynchronous programs. tools/plain_client.py makes `synchronous` from it."""
