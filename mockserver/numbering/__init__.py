"""The facts of telephone numbers, SMS parts and prices; knows nothing of flows."""
