"""Digests compared, states applied: every row of the two tables, and what no exchange may ever do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.scuttlebutt import (
    DIGEST_RULES,
    Digest,
    EndpointState,
    HeartBeatState,
    VersionedValue,
    answer,
    apply,
    compare,
)
from gossipkit.gossip.scuttlebutt.rules import MAX_GENERATION_DIFFERENCE_S, last_words

STATUS, LOAD, DC = VersionedValue("NORMAL", 3), VersionedValue("7", 9), VersionedValue("dc1", 1)
LOCAL = EndpointState(HeartBeatState(100, 12), {"STATUS": STATUS, "LOAD": LOAD, "DC": DC})


@pytest.mark.parametrize(
    ("digest", "rule", "request_from", "sent"),
    [
        (Digest("b", 100, 12), "equal", None, None),
        (Digest("b", 101, 1), "generation higher", 0, None),
        (Digest("b", 99, 5000), "generation lower", None, {"STATUS", "LOAD", "DC"}),
        (Digest("b", 100, 13), "version higher", 12, None),
        (Digest("b", 100, 11), "version lower", None, set()),
        (Digest("b", 100, 8), "version lower", None, {"LOAD"}),
        (Digest("b", 100, 1), "version lower", None, {"LOAD", "STATUS"}),
    ],
)
def test_the_table_of_digests(digest, rule, request_from, sent):
    reply = compare(digest, LOCAL)
    assert reply.rule == rule and rule in DIGEST_RULES
    expected = None if request_from is None else Digest("b", digest.generation, request_from)
    assert reply.request == expected
    assert (None if reply.state is None else set(reply.state.applications)) == sent
    if sent is not None:
        assert reply.state.heartbeat == LOCAL.heartbeat


def test_an_unknown_endpoint_is_asked_for_whole():
    reply = compare(Digest("b", 7, 30), None)
    assert reply == ("unknown", Digest("b", 7, 0), None)


def test_an_application_state_may_be_newer_than_the_heartbeat():
    ahead = EndpointState(HeartBeatState(100, 5), {"LOAD": VersionedValue("8", 6)})
    assert ahead.max_version == 6
    assert ahead.newer_than(5).heartbeat == HeartBeatState(100, 5)
    assert ahead.newer_than(6) is None


@pytest.mark.parametrize(
    "made",
    [
        LOCAL.newer_than(2),
        LOCAL.newer_than(9),
        LOCAL.with_heartbeat(EndpointState(HeartBeatState(100, 14))),
        apply(EndpointState(HeartBeatState(100, 14), {"LOAD": VersionedValue("8", 13)}), LOCAL, 200.0).state,
        apply(EndpointState(HeartBeatState(100, 12), {"LOAD": VersionedValue("8", 13)}), LOCAL, 200.0).state,
        # somebody else has forged it
        apply(EndpointState(HeartBeatState(100, 9), {"LOAD": VersionedValue("8", 13)}), LOCAL, 200.0).state,
    ],
)
def test_a_state_made_of_others_knows_what_one_made_afresh_would_compute(made):
    for known in (made, made.with_heartbeat(EndpointState(HeartBeatState(100, 20)))):
        afresh = EndpointState(known.heartbeat, known.applications)
        assert (known.newest, known.max_version) == (afresh.newest, afresh.max_version)
        assert known.digest("b") == afresh.digest("b") == Digest("b", 100, known.max_version)
        assert known.digest("c") == afresh.digest("c")
        assert known.newer_than(0) == afresh.newer_than(0)


@pytest.mark.parametrize(
    ("state", "rule", "heard", "changed"),
    [
        (EndpointState(HeartBeatState(101, 1), {"DC": DC}), "restarted", True, ("DC",)),
        (EndpointState(HeartBeatState(100, 13)), "newer", True, ()),
        (
            EndpointState(HeartBeatState(100, 12), {"LOAD": VersionedValue("8", 13)}),
            "newer",
            False,
            ("LOAD",),
        ),
        (EndpointState(HeartBeatState(100, 14), {"STATUS": STATUS, "LOAD": LOAD}), "newer", True, ()),
        (EndpointState(HeartBeatState(100, 12), {"STATUS": STATUS}), "not newer", False, ()),
        (EndpointState(HeartBeatState(100, 5)), "not newer", False, ()),
        (EndpointState(HeartBeatState(99, 5000), {"DC": VersionedValue("dc2", 4000)}), "older", False, ()),
    ],
)
def test_the_table_of_states(state, rule, heard, changed):
    change = apply(state, LOCAL, now=200.0)
    assert (change.rule, change.heard, change.changed) == (rule, heard, changed)
    if rule == "restarted":
        assert change.state == state  # nothing of the earlier life is left
    elif rule == "newer":
        assert change.state.max_version == state.max_version
        assert change.state.applications == {
            **LOCAL.applications,
            **{name: state.applications[name] for name in changed},
        }
    else:
        assert change.state == LOCAL


def test_the_first_word_of_an_endpoint_is_believed():
    for generation in (1, 10**10):
        state = EndpointState(HeartBeatState(generation, 2), {"DC": DC})
        assert apply(state, None, now=0.0) == ("new", state, ("DC",), True)


def test_generations_from_the_future():
    """GossiperTest.testLargeGenerationJump, and the boundary."""
    now, year = 1_700_000_000, MAX_GENERATION_DIFFERENCE_S
    assert year == 31_536_000
    local = EndpointState(HeartBeatState(1, 1))
    for generation, rule in [
        (1 + year + 1, "restarted"),  # a jump of more than a year, but not beyond the clock
        (now + year, "restarted"),
        (now + year + 1, "refused"),
        (now + 10 * year, "refused"),
    ]:
        change = apply(EndpointState(HeartBeatState(generation, 1)), local, now)
        assert change.rule == rule
        assert change.state.heartbeat.generation == (1 if rule == "refused" else generation)


def test_a_request_from_before_a_restart_is_answered_with_everything():
    restarted = EndpointState(HeartBeatState(101, 60), {"DC": DC, "LOAD": VersionedValue("8", 55)})
    assert answer(Digest("b", 100, 50), restarted) == restarted
    assert set(answer(Digest("b", 101, 50), restarted).applications) == {"LOAD"}
    assert answer(Digest("b", 101, 60), restarted) is None
    assert answer(Digest("b", 101, 0), None) is None


# Properties. A history is what one node went through; whoever gossips knows it up to some point of it.

NAMES = ("STATUS", "LOAD", "DC", "SCHEMA")


@st.composite
def histories(draw):
    """All states one endpoint has ever had, oldest first: heartbeats, announcements and restarts, one counter a life."""
    generation, version, applications, states = 1, 0, {}, []
    for step in draw(st.lists(st.sampled_from(("beat", "beat", "restart", *NAMES)), min_size=1, max_size=14)):
        if step == "restart":
            generation, version, applications = generation + draw(st.integers(1, 50)), 0, {}
        version += 1
        beat = (
            version
            if step == "beat"
            else (states[-1].heartbeat.version if states and step != "restart" else 1)
        )
        if step in NAMES:
            applications = {**applications, step: VersionedValue(f"{step}-{version}", version)}
        states.append(EndpointState(HeartBeatState(generation, beat), applications))
    return states


@st.composite
def two_views(draw):
    """What two nodes know of some endpoints: moments of the same histories, or nothing yet."""
    views = ({}, {})
    for name in "xyz":
        history = draw(histories())
        for view in views:
            at = draw(st.integers(-1, len(history) - 1))
            if at >= 0:
                view[name] = history[at]
    return views


def order(state):
    return (0, 0) if state is None else (state.heartbeat.generation, state.max_version)


def merge(view, states, now=1000.0):
    return view | {name: apply(state, view.get(name), now).state for name, state in states.items()}


def exchange(asker, asked):
    """SYN, ACK, ACK2; what both know after it, and how many states were sent."""
    replies = [compare(state.digest(name), asked.get(name)) for name, state in asker.items()]
    ack = {name: reply.state for name, reply in zip(asker, replies, strict=True) if reply.state is not None}
    asker = merge(asker, ack)
    requests = [reply.request for reply in replies if reply.request is not None]
    ack2 = {request.endpoint: answer(request, asker[request.endpoint]) for request in requests}
    ack2 = {name: state for name, state in ack2.items() if state is not None}
    return asker, merge(asked, ack2), len(ack) + len(ack2)


@given(two_views())
def test_an_exchange_leaves_both_with_the_newer_state_whole(views):
    asker, asked = views
    after_asker, after_asked, _ = exchange(asker, asked)
    for name in asker:
        newest = max(asker[name], asked.get(name), key=order)
        # the newest in full, not only its number: no application state was left behind
        assert order(after_asker[name]) == order(after_asked[name]) == order(newest)
        for after in (after_asker, after_asked):
            assert after[name].applications == newest.applications
            assert after[name].heartbeat == newest.heartbeat


@given(two_views())
def test_of_what_the_asker_does_not_know_it_hears_nothing_until_it_is_asked(views):
    asker, asked = views
    after_asker, after_asked, _ = exchange(asker, asked)
    assert after_asker.keys() == asker.keys()
    both_ways = exchange(after_asked, after_asker)
    assert both_ways[0] == both_ways[1]


@given(two_views())
def test_an_exchange_repeated_changes_nothing_and_sends_nothing(views):
    first = exchange(*views)
    assert exchange(*first[:2]) == (*first[:2], 0)


@given(two_views(), st.data())
def test_messages_lost_doubled_or_late_never_take_a_version_back(views, data):
    asker, asked = views
    messages = [{name: compare(s.digest(name), asked.get(name)).state for name, s in asker.items()}]
    messages += [exchange(asker, asked)[1], asker, asked]
    view = dict(asker)
    for index in data.draw(st.lists(st.integers(0, len(messages) - 1), max_size=8)):
        before, states = view, {n: s for n, s in messages[index].items() if s is not None}
        view = merge(view, states)
        again = merge(view, states)
        assert again == view
        for name in before:
            assert order(view[name]) >= order(before[name])
            if view[name].heartbeat.generation == before[name].heartbeat.generation:
                for application, value in before[name].applications.items():
                    assert view[name].applications[application].version >= value.version


def test_a_newer_application_state_beside_an_older_heartbeat_takes_no_heartbeat_back():
    local = EndpointState(HeartBeatState(1, 10), {"LOAD": VersionedValue("low", 3)})
    part = EndpointState(HeartBeatState(1, 5), {"LOAD": VersionedValue("high", 12)})
    change = apply(part, local, now=20.0)
    assert change.state.heartbeat == HeartBeatState(1, 10)
    assert change.state.applications["LOAD"] == VersionedValue("high", 12)
    assert not change.heard


def test_a_generation_that_is_refused_is_a_sign_of_life_if_it_is_higher():
    local = EndpointState(HeartBeatState(5, 10))
    change = apply(EndpointState(HeartBeatState(10**9, 1)), local, now=20.0)
    assert (change.rule, change.state, change.heard) == ("refused", local, True)


def test_changes_are_told_in_the_order_of_their_versions():
    part = EndpointState(
        HeartBeatState(1, 15),
        {"Z": VersionedValue("", 11), "B": VersionedValue("", 14), "A": VersionedValue("", 12)},
    )
    assert apply(part, EndpointState(HeartBeatState(1, 10)), now=20.0).changed == ("Z", "A", "B")


def test_last_words_begin_the_next_generation_and_keep_the_heartbeat():
    known = EndpointState(HeartBeatState(5, 10), {"STATUS": VersionedValue("NORMAL", 2)})
    buried = last_words(known, now=20.0, version=30)
    assert (buried.heartbeat, buried.status) == (HeartBeatState(6, 10), "left")
