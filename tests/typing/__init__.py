"""What type checkers say of calls of the Python API, right and wrong."""
