"""What the OpenAPI documents say of requests and answers."""
