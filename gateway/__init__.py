"""Assent: an SMS gateway that sends a text only where there is consent for it."""
