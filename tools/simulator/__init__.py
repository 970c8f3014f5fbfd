"""An SMSC to talk to: it takes binds and texts, sends receipts and consumers' replies, and misbehaves on demand.

It owns the carrier's side of a link. It does not know the gateway: whatever speaks SMPP 3.4 may bind.
"""
