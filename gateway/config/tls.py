"""TLS to carriers: 1.2 or newer, the carrier's certificate and name always verified.

Owns: reading the certificates and keys that a profile names, and saying what is wrong with them before the start. Does not own:
the connection (carrier).
"""

import os
import ssl
import stat
from collections.abc import Callable
from pathlib import Path

from gateway.config.carriers import TlsConfig
from gateway.config.faults import Fault

_FILE = "carriers.toml"


def read_tls(tls: TlsConfig, path: Callable[[str], Path], where: str, faults: list[Fault]) -> ssl.SSLContext:
    """The context that a profile asks for; ``path`` finds its files. What is wrong goes to ``faults``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # with both verifications on
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def wrong(key: str, problem: str, fix: str) -> None:
        faults.append(Fault(_FILE, f"{where}.{key}", problem, fix))

    files: dict[str, Path] = {}
    for key in ("ca_file", "cert_file", "key_file"):
        name: str | None = getattr(tls, key)
        if name is None:
            continue
        found = path(name)
        try:
            with found.open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                opened.read(1)
        except OSError as error:
            wrong(key, f"{found}: {error.strerror}", "give the path of a PEM file")
            continue
        if key == "key_file" and mode & stat.S_IROTH:
            wrong(key, f"{found} can be read by everybody", "chmod 600 it")
        files[key] = found
    if tls.ca_file is None:
        context.load_default_certs()
    elif "ca_file" in files:
        try:
            context.load_verify_locations(files["ca_file"])
        except ssl.SSLError:
            wrong("ca_file", f"{files['ca_file']} holds no certificate", "give the path of a PEM file")
    if "cert_file" in files and "key_file" in files:
        try:
            # A key that asks for a passphrase must not make the start wait for somebody to type it.
            context.load_cert_chain(files["cert_file"], files["key_file"], password=lambda: "")
        except ssl.SSLError as error:
            fits = "KEY_VALUES_MISMATCH" in str(error)
            problem = "does not fit the certificate" if fits else "and cert_file are no certificate and its plain key"
            wrong("key_file", problem, "give the PEM files of one certificate and of its key, without a passphrase")
    return context
