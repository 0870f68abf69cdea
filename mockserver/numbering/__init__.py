"""Facts about telephone numbers, Sms parts and prices. Nothing here knows about flows."""
