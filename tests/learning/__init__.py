"""What is learnt from recordings."""
