"""The desk: quick requests become one piece of work, and none is lost."""

import threading

from gossipkit.lab.stage.requests import PATIENCE, Desk

LONG_S = 20


def test_what_comes_while_something_is_worked_on_is_worked_on_together():
    begun, go, worked = threading.Event(), threading.Event(), []

    def work(requests):
        worked.append(requests)
        begun.set()
        assert go.wait(LONG_S)

    desk = Desk(work)
    desk.put(0)
    assert begun.wait(LONG_S)
    for number in range(1, 10):
        desk.put(number)
    go.set()
    assert desk.wait(LONG_S)
    assert worked == [[0], list(range(1, 10))]


def test_what_was_given_up_comes_first_the_next_time():
    worked = []

    def work(requests):
        worked.append(requests)
        if len(worked) == 1:
            desk.put("newer")
            assert not desk.wanted
            desk.put_back(requests)

    desk = Desk(work)
    desk.put("first")
    assert desk.wait(LONG_S)
    assert worked == [["first"], ["first", "newer"]]


def test_work_is_not_given_up_for_ever():
    worked, finished = [], []

    def work(requests):
        worked.append(requests)
        if finished:
            return
        desk.put("newer")  # each piece of work finds that there is something newer
        if desk.wanted:
            finished.extend(requests)
        else:
            desk.put_back(requests)

    desk = Desk(work)
    desk.put("first")
    assert desk.wait(LONG_S)
    assert finished == ["first", *["newer"] * PATIENCE]
    assert worked[-1] == ["newer"]


def test_many_threads_lose_nothing():
    worked = []
    desk = Desk(worked.extend)
    threads = [
        threading.Thread(target=lambda first=first: [desk.put(first + at) for at in range(200)])
        for first in range(0, 1600, 200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.wait(LONG_S)
    assert sorted(worked) == list(range(1600))


def test_without_threads_it_is_done_at_once(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    worked = []
    desk = Desk(worked.extend)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    desk.put(1)
    desk.put(2)
    assert worked == [1, 2] and desk.wait(0)
