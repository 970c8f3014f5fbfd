"""Standard output, of which a command can tell afterwards whether it was written.

Owns: remembering that it failed. Does not own: what is told then, and with which exit status (the command).
"""

import os
from contextlib import suppress
from io import TextIOWrapper
from typing import Any, TextIO


class Output:
    """Stands before the stream and does as it does; what fails is raised, and remembered."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._failure: OSError | None = None
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for what a terminal has no letters for

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """As the stream does."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._failure = error
            raise

    def flush(self) -> None:
        """As the stream does."""
        try:
            self._stream.flush()
        except OSError as error:
            self._failure = error
            raise

    def end(self) -> OSError | None:
        """Write what is left; what failed, if anything did. What is said from then on goes nowhere."""
        with suppress(OSError):  # it is remembered
            self.flush()
        if self._failure is not None:
            # The interpreter flushes once more at its end, and would tell of it in its own words.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        return self._failure
