"""Running sandboxes: their clocks in real time, their callbacks under way, and which sandbox a client belongs to."""
