"""Our own API on the wire: what can be asked under /_mock/, and how it is answered."""
