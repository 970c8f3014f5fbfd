"""Owns the door to the reading of replies: what the rest of the gateway may know of it.

Does not own the reading itself: keywords are `replies.exact`, sentences the other modules of `replies`.
"""

from .replies.classify import Context, Dialog, Reply, classify
from .replies.exact import RESERVED, core_word, is_reserved
from .replies.parse import Kind
from .replies.signals import Channel, Signal, SignalName

__all__ = (
    "RESERVED",
    "Channel",
    "Context",
    "Dialog",
    "Kind",
    "Reply",
    "Signal",
    "SignalName",
    "classify",
    "core_word",
    "is_reserved",
)
