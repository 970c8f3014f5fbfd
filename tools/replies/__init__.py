"""Owns the builder of what the last net of the reading of replies has learnt. Does not own the reading."""
