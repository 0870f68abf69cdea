"""What really happened, read, masked, passed on and written."""
