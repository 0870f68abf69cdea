"""What stands on the wire: requests, the flow document, errors, instants."""
