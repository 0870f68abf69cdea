"""The client for plain programs, made from `asynchronous`: see tools/plain_client.py."""
