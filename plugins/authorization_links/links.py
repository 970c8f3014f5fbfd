"""A link to the client's portal that only the gateway and the portal can make.

Owns: what is signed, and how a link is spelt. Does not own: opening it: the portal checks the signature and the instant, and
takes each link once.

    https://pay.acme.example/plan?plan=PL-7&until=1788652800&sig=3q2-7wAAAAAAAAAAAAAAAA

``sig`` is the unpadded base64url of the first 16 octets of HMAC-SHA256 over client, account, plan and ``until``, each on a line
of its own, joined by line feeds; ``until`` is in seconds since the epoch.
"""

import hmac
from base64 import urlsafe_b64encode
from urllib.parse import quote


def make_link(portal: str, key: bytes, *, client: str, account: str, plan: str, until: int) -> str:
    """The link for a plan; ``until`` in seconds since the epoch."""
    return f"{portal}?plan={quote(plan, safe='')}&until={until}&sig={signature(key, client, account, plan, until)}"


def signature(key: bytes, client: str, account: str, plan: str, until: int) -> str:
    """What the portal has to find in the link."""
    signed = "\n".join((client, account, plan, str(until)))
    return urlsafe_b64encode(hmac.digest(key, signed.encode(), "sha256")[:16]).rstrip(b"=").decode()
