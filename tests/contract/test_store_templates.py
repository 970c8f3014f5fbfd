"""Templates: versions that stay, numbers that mean one thing, and the end of a client's own."""

from gateway.model.template import EVERYBODY, KeptTemplate, NewTemplate
from tests.contract.desk import Desk

NAME = "reminder"


async def put(desk: Desk, body: bytes, client: str = "acme", source: str = "api", name: str = NAME) -> KeptTemplate:
    (kept,) = await desk.store.put_templates([NewTemplate(client, name, body, source, desk.now)])
    return kept


async def test_a_change_is_a_new_version_and_the_same_words_are_not(desk: Desk) -> None:
    first = await put(desk, b"one")
    assert (first.version, first.body, first.at) == (1, b"one", desk.now)
    desk.now += 1000
    assert await put(desk, b"one") == first
    assert (await put(desk, b"two")).version == 2
    assert (await put(desk, b"one")).version == 3
    assert [kept.body for kept in await desk.store.template_versions("acme", NAME, 10)] == [b"one", b"two", b"one"]


async def test_a_client_sees_its_own_versions_and_those_for_everybody(desk: Desk) -> None:
    await put(desk, b"for all", EVERYBODY, "conf")
    own = await put(desk, b"own")
    other = await put(desk, b"other's", "globex")
    assert (own.version, other.version) == (2, 2)
    later = await put(desk, b"for all, again", EVERYBODY, "conf")
    assert later.version == 3, "a number that means another text to one of the clients"
    versions = await desk.store.template_versions("acme", NAME, 10)
    assert [(kept.client, kept.version) for kept in versions] == [(EVERYBODY, 3), ("acme", 2), (EVERYBODY, 1)]


async def test_the_newest_of_each_is_found(desk: Desk) -> None:
    await put(desk, b"one")
    newest = await put(desk, b"two")
    shared = await put(desk, b"for all", EVERYBODY, "plugin")
    other = await put(desk, b"x", name="another")
    assert await desk.store.templates() == [other, shared, newest]


async def test_a_retired_template_is_told_as_such_and_can_come_back(desk: Desk) -> None:
    kept = await put(desk, b"one")
    assert await desk.store.retire_template("acme", NAME, desk.now + 5) == [True]
    assert await desk.store.retire_template("acme", NAME, desk.now + 6) == [False]
    assert await desk.store.retire_template("globex", NAME, desk.now + 6) == [False]
    assert [one.retired_at for one in await desk.store.templates()] == [desk.now + 5]
    again = await put(desk, b"one")
    assert (again.version, again.retired_at) == (kept.version + 1, None)
