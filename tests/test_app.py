"""What the process asks of the system before it starts."""

import resource
import subprocess
import sys
from pathlib import Path

import msgspec

from gateway.app import door_within, files_needed
from gateway.config import load

CONF = Path(__file__).parent.parent / "conf"


def limits_in_a_process(soft: int, hard: int, needed: int) -> tuple[int, int]:
    """In a process with these limits: what raise_file_limit says, and the soft limit after it."""
    program = (
        "import resource\n"
        "from gateway.app import raise_file_limit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        f"print(raise_file_limit({needed}), resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=60)
    said, after = done.stdout.split()
    return int(said), int(after)


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= 600, "this machine allows too few open files to test with"
    assert limits_in_a_process(256, 600, 500) == (500, 500)
    assert limits_in_a_process(256, 600, 5000) == (600, 600)
    assert limits_in_a_process(400, 600, 300) == (400, 400)


def test_every_configured_connection_counts() -> None:
    config = load(CONF)
    more = msgspec.structs.replace(config.gateway.http, connections=config.gateway.http.connections + 100)
    gateway = msgspec.structs.replace(config.gateway, http=more)
    assert files_needed(msgspec.structs.replace(config, gateway=gateway)) == files_needed(config) + 200
    carriers = (msgspec.structs.replace(config.carriers[0], bind="tx+rx", binds=3, rx_binds=2),)
    assert files_needed(msgspec.structs.replace(config, carriers=carriers)) == files_needed(config) + 4


def test_where_few_files_may_be_open_connections_leave_some_for_the_rest() -> None:
    config = load(CONF)
    configured = config.gateway.http
    (carrier,) = config.carriers
    binds = carrier.binds + carrier.receivers
    assert door_within(files_needed(config), config) == configured
    assert door_within(files_needed(config) - 2, config).connections == configured.connections - 1
    for limit in (64, 128, 1024):
        door = door_within(limit, config)
        assert 1 <= door.connections < configured.connections
        assert limit - 2 * door.connections - binds >= min(256, max(48, limit // 2))
        assert door.connections_per_address == max(1, door.connections // 4), "as configured: 128 of 512"
    door = door_within(1, config)
    assert (door.connections, door.connections_per_address) == (1, 1), "a door that lets nobody in is no door"
