"""What holds for the whole suite: no property test fails because the machine was busy."""

from hypothesis import settings

settings.register_profile("assent", deadline=None)
settings.load_profile("assent")
