"""The control API on the wire: the requests under /_mock/, and their answers."""
