"""Both APIs as OpenAPI documents, made from what reads and writes them."""
