"""The queue of an account: by whom a delivery goes, and that none is lost when a bind goes."""

from gateway.smpp.pdu import DeliverSm
from tools.simulator.account import Account, Outgoing


class Link:
    """A receiver that writes down what it is given, and goes down over a certain one if told to."""

    def __init__(self, number: int, account: Account, room: int = 100, dies_of: int = -1) -> None:
        self.number = number
        self.sent: list[int] = []
        self._account = account
        self._room = room
        self._dies_of = dies_of
        account.join(self)

    def room(self) -> int:
        return self._room

    def send(self, outgoing: Outgoing) -> None:
        assert self._room > 0
        self._room -= 1
        self.sent.append(outgoing.number)
        outgoing.release(self.number)
        if outgoing.number == self._dies_of:
            self._room = 0
            self._account.leave(self)
            self._account.put_back([outgoing])


def outgoing(number: int) -> Outgoing:
    return Outgoing(number=number, kind="mo", pdu=DeliverSm(), text="")


def test_waits_for_a_bind_in_order() -> None:
    account = Account("a")
    for number in range(5):
        account.offer(outgoing(number))
    account.distribute()
    assert account.waiting == 5
    link = Link(1, account, room=3)
    account.distribute()
    assert link.sent == [0, 1, 2]
    assert account.waiting == 2


def test_binds_take_turns() -> None:
    account = Account("a")
    links = [Link(1, account), Link(2, account), Link(3, account, room=1)]
    for number in range(9):
        account.offer(outgoing(number))
    account.distribute()
    assert sorted(number for link in links for number in link.sent) == list(range(9))
    assert [len(link.sent) > 2 for link in links] == [True, True, False]


def test_by_the_same_and_by_another() -> None:
    account = Account("a")
    one, two, three = Link(1, account), Link(2, account), Link(3, account)
    for number in range(4):
        account.offer(outgoing(number), 2, "same")
    for number in range(4, 8):
        account.offer(outgoing(number), 2, "other")
    account.distribute()
    assert two.sent == [0, 1, 2, 3]
    assert sorted(one.sent + three.sent) == [4, 5, 6, 7]
    assert len(one.sent) == 2


def test_by_another_where_there_is_no_other() -> None:
    account = Account("a")
    only = Link(1, account)
    account.offer(outgoing(1), 1, "other")
    account.offer(outgoing(2), 9, "same")
    account.distribute()
    assert only.sent == [1, 2]


def test_what_waited_for_one_that_goes_is_sent_by_the_others_in_order() -> None:
    account = Account("a")
    one, two = Link(1, account, room=0), Link(2, account)
    account.offer(outgoing(9))
    for number in range(3):
        account.offer(outgoing(number), 1, "same")
    account.leave(one)
    account.put_back([outgoing(7), outgoing(8)])
    account.distribute()
    assert two.sent == [7, 8, 0, 1, 2, 9]


def test_a_link_that_dies_of_a_delivery_loses_and_doubles_nothing() -> None:
    for via in ("same", "any"):
        account = Account("a")
        one = Link(1, account, dies_of=2)
        for number in range(6):
            account.offer(outgoing(number), 1, via)
        account.distribute()
        assert one.sent == [0, 1, 2]
        two = Link(2, account)
        account.distribute()
        assert two.sent == [2, 3, 4, 5]


def test_who_waits_for_a_delivery_to_be_out_is_told_once() -> None:
    account = Account("a")
    told: list[int] = []
    link = Link(4, account, room=1)
    for number in range(2):
        waited_for = outgoing(number)
        waited_for.once_sent = told.append
        account.offer(waited_for)
    account.distribute()
    assert told == [4]
    account.leave(link)
    assert told == [4, 0]  # nobody is left to take the second
    late = outgoing(3)
    late.once_sent = told.append
    account.offer(late)
    assert told == [4, 0, 0]
    Link(5, account)
    account.distribute()
    assert told == [4, 0, 0]
