from __future__ import annotations

from newscrawl.schedulers.turns import Host, Turns


def turns(*hosts: Host) -> Turns:
    turns = Turns()
    for host in hosts:
        turns.come(host)
    return turns


def served(turns: Turns, times: int, *, prompt_only: bool = False) -> list[str]:
    """The names of the hosts whose turn it is, one after the other; each has more to ask for."""
    names = []
    for _ in range(times):
        if (host := turns.take(0.0, prompt_only=prompt_only)) is None:
            break
        names.append(host.name)
        host.clock += 1
        turns.is_ready(host)
    return names


def test_hosts_take_turns_in_the_order_they_came() -> None:
    assert served(turns(Host("a"), Host("b"), Host("c")), 7) == ["a", "b", "c", "a", "b", "c", "a"]


def test_a_turn_that_is_not_over_goes_on_before_its_equals() -> None:
    a, b = Host("a"), Host("b")
    ours = turns(a, b)
    assert ours.take(0.0) is a
    a.left = 1
    ours.is_ready(a)
    assert ours.take(0.0) is a


def test_a_host_that_cost_more_comes_round_less_often() -> None:
    a, b = Host("a"), Host("b")
    ours = turns(a, b)
    a.clock += 3
    assert served(ours, 4) == ["b", "b", "b", "a"]


def test_a_host_that_comes_back_has_saved_up_no_turns() -> None:
    ours = turns(Host("busy"))
    served(ours, 100)
    ours.come(Host("late"))
    assert served(ours, 6).count("late") == 3


def test_while_slow_hosts_have_their_share_only_prompt_ones_are_asked() -> None:
    assert served(turns(Host("new"), Host("prompt", is_prompt=True)), 3, prompt_only=True) == ["prompt"] * 3


def test_a_host_that_answers_while_it_waits_for_its_turn_counts_as_prompt() -> None:
    host = Host("new")
    ours = turns(host)
    ours.answered(host, is_prompt=True)
    assert ours.take(0.0, prompt_only=True) is host
    assert ours.take(0.0) is None


def test_a_host_that_has_become_slow_while_it_waited_counts_as_slow() -> None:
    host = Host("was prompt", is_prompt=True)
    ours = turns(host)
    host.is_prompt = False
    assert ours.take(0.0, prompt_only=True) is None
    assert ours.take(0.0) is host


def test_a_host_waits_until_its_moment_and_others_do_not_wait_for_it() -> None:
    ours = turns(Host("free"))
    ours.waits(Host("has a gap"), until=5.0)
    assert ours.next_at() == 5.0
    assert [host.name for host in (ours.take(4.9), ours.take(4.9)) if host] == ["free"]
    later = ours.take(5.0)
    assert later is not None
    assert later.name == "has a gap"
    assert ours.next_at() is None
