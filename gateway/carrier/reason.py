"""Why a connection could not be made, or broke, in words.

Owns: nothing but that. Does not own: what follows from it (bind).
"""

import os
import ssl

import trio


def reason(error: BaseException) -> str:
    """What to tell an operator of an error of a socket or of TLS."""
    if isinstance(error, trio.BrokenResourceError) and error.__cause__ is not None:
        return reason(error.__cause__)  # what broke a TLS stream: the certificate, mostly
    if isinstance(error, OSError) and error.errno is None and error.__cause__ is not None:
        return reason(error.__cause__)  # all addresses of the host were tried
    if isinstance(error, BaseExceptionGroup):
        return reason(error.exceptions[0])
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate does not hold: {error.verify_message}"
    if isinstance(error, ssl.SSLEOFError):
        return "cut off in the middle of TLS"
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and (error.errno or 0) > 0:
        return os.strerror(error.errno or 0)
    return str(error.strerror) if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
