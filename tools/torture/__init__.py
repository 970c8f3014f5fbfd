"""The proof that the promise holds: faults against the real gateway, and a ledger of who saw what.

It owns the faults, the evidence and the goals that they are held against. The gateway is a process that it starts, kills and
speaks to over sockets; the carriers and the receivers of webhooks around it are the project's own tools, run inside.
"""
