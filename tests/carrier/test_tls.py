"""TLS to carriers: who is spoken to, and as whom. The certificates beside this file are valid from 2020 to 2119."""

import shutil
import ssl
from pathlib import Path

import pytest
import trio

from gateway.carrier.bind import BindState
from gateway.config.carriers import TlsConfig
from gateway.config.faults import Fault
from gateway.config.tls import read_tls
from tests.carrier.test_bind import Carrier, stage

TLS = Path(__file__).parent / "tls"
NAME = "smpp.carrier.example"
AUTHORITY = str(TLS / "authority.pem")


def server(certificate: str, *, wants_client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / certificate)
    if wants_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(AUTHORITY)
    return context


def private(name: str, directory: Path) -> str:
    """A key with the mode that a key has."""
    copy = Path(shutil.copy(TLS / name, directory / name))
    copy.chmod(0o600)
    return str(copy)


async def test_a_certificate_that_is_trusted_and_bears_the_name() -> None:
    tls = TlsConfig(enabled=True, ca_file=AUTHORITY, server_name=NAME)
    async with stage(Carrier(), secured_by=server("carrier.pem"), tls=tls) as on:
        await on.until(BindState.BOUND)


@pytest.mark.parametrize(
    ("certificate", "ca_file", "name", "told"),
    [
        ("carrier.pem", AUTHORITY, "other.example", "Hostname mismatch"),
        ("carrier.pem", AUTHORITY, None, "IP address mismatch"),
        ("carrier.pem", None, NAME, "unable to get local issuer certificate"),
        ("expired.pem", AUTHORITY, NAME, "certificate has expired"),
        ("self.pem", AUTHORITY, NAME, "self-signed certificate"),
    ],
)
async def test_any_other_keeps_the_bind_down_and_says_why(
    certificate: str, ca_file: str | None, name: str | None, told: str
) -> None:
    tls = TlsConfig(enabled=True, ca_file=ca_file, server_name=name)
    async with stage(Carrier(), secured_by=server(certificate), tls=tls) as on:
        detail = await on.until(BindState.WAITING)
        assert "the certificate does not hold" in detail
        assert told in detail
        assert not on.carrier.binds


async def test_a_carrier_that_wants_our_certificate_gets_it(tmp_path: Path) -> None:
    key = private("esme.key", tmp_path)
    tls = TlsConfig(enabled=True, ca_file=AUTHORITY, server_name=NAME, cert_file=str(TLS / "esme.pem"), key_file=key)
    async with stage(Carrier(), secured_by=server("carrier.pem", wants_client=True), tls=tls) as on:
        await on.until(BindState.BOUND)


class Picky(Carrier):
    """Says only after the handshake that it wants a certificate, as TLS 1.3 has it; where trio's own server says nothing."""

    async def serve(self, stream: trio.abc.Stream) -> None:
        self.connections += 1
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = server("carrier.pem", wants_client=True).wrap_bio(incoming, outgoing, server_side=True)
        while True:
            incoming.write(await stream.receive_some(4096))
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await stream.send_all(outgoing.read())
            except ssl.SSLError:
                await stream.send_all(outgoing.read())
                while await stream.receive_some(4096):  # to close upon unread octets would reset the connection
                    pass
                return


async def test_what_is_said_behind_the_handshake_is_told() -> None:
    tls = TlsConfig(enabled=True, ca_file=AUTHORITY, server_name=NAME)
    async with stage(Picky(), tls=tls) as on:
        assert "certificate required" in await on.until(BindState.WAITING)


async def test_without_our_certificate_such_a_carrier_is_not_bound_to() -> None:
    tls = TlsConfig(enabled=True, ca_file=AUTHORITY, server_name=NAME)
    async with stage(Carrier(), secured_by=server("carrier.pem", wants_client=True), tls=tls) as on:
        await on.until(BindState.WAITING, 2)
        assert not on.carrier.binds
        assert all(state is not BindState.FAULTED for state, _ in on.states)


async def test_a_carrier_without_tls_is_not_bound_to_in_the_clear() -> None:
    async with stage(Carrier(), tls=TlsConfig(enabled=True, ca_file=AUTHORITY)) as on:
        await on.until(BindState.WAITING)
        assert not on.carrier.binds


async def test_a_carrier_with_tls_is_told_apart_from_one_that_talks_nonsense() -> None:
    async with stage(Carrier(), secured_by=server("carrier.pem")) as on:
        detail = await on.until(BindState.WAITING)
        assert "TLS" in detail or "peer closed" in detail
        assert not on.carrier.binds


# What the files may be.


def wrong(tls: TlsConfig) -> list[str]:
    faults: list[Fault] = []
    read_tls(tls, Path, "carrier[acme].tls", faults)
    return [str(fault).removeprefix("carriers.toml: carrier[acme].tls.") for fault in faults]


def test_all_faults_of_the_files_are_told_at_once(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    junk.chmod(0o644)
    tls = TlsConfig(enabled=True, ca_file=str(junk), cert_file=str(tmp_path / "absent"), key_file=str(junk))
    assert wrong(tls) == [
        f"cert_file: {tmp_path}/absent: No such file or directory: give the path of a PEM file",
        f"key_file: {junk} can be read by everybody: chmod 600 it",
        f"ca_file: {junk} holds no certificate: give the path of a PEM file",
    ]


@pytest.mark.parametrize(
    ("cert", "key", "told"),
    [
        ("esme.pem", "esme.key", None),
        ("carrier.pem", "esme.key", "does not fit the certificate"),
        ("esme.pem", "locked.key", "no certificate and its plain key"),
        ("esme.key", "esme.key", "no certificate and its plain key"),
        ("esme.pem", "authority.pem", "no certificate and its plain key"),
    ],
)
def test_a_certificate_and_its_key(tmp_path: Path, cert: str, key: str, told: str | None) -> None:
    faults = wrong(TlsConfig(enabled=True, cert_file=str(TLS / cert), key_file=private(key, tmp_path)))
    if told is None:
        assert faults == []
    else:
        (fault,) = faults
        assert fault.startswith("key_file: ")
        assert told in fault


def test_a_directory_is_no_certificate(tmp_path: Path) -> None:
    (fault,) = wrong(TlsConfig(enabled=True, ca_file=str(tmp_path)))
    assert fault == f"ca_file: {tmp_path}: Is a directory: give the path of a PEM file"
