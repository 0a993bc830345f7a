"""The path that follows every node: for overlays, and where nodes are told apart by churn.

Trials run side by side: node ``i`` of trial ``t`` is number ``t * nodes + i`` of one long row. A *cohort* is the nodes
that learnt the rumour in the same round, so that those with copies left, and how many, are known without a look at the
others.
"""

from __future__ import annotations

from ..sim.arrays import np
from .exchangeable import NEVER
from .parameters import Parameters
from .sampling import distinct, lost

CALLS = 32_768  # handled together
ROW = 1_000_000  # nodes of all trials together that are followed at once: what a processor's cache still holds as flags


def run(
    parameters: Parameters, rng: np.random.Generator, history: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the informed (trials, rounds + 1), the messages (trials, rounds) and when each node learnt (trials, nodes).

    With `history` also who knew at the end of each round (trials, rounds + 1, nodes), else None.
    """
    side_by_side = max(1, ROW // parameters.nodes)
    parts = [
        _together(parameters, rng, min(side_by_side, parameters.trials - first), history)
        for first in range(0, parameters.trials, side_by_side)
    ]
    rounds = max(part[1].shape[1] for part in parts)
    longer = [((0, 0), (0, rounds - part[1].shape[1])) for part in parts]
    return (
        np.concatenate([np.pad(part[0], pad, mode="edge") for part, pad in zip(parts, longer, strict=True)]),
        np.concatenate([np.pad(part[1], pad) for part, pad in zip(parts, longer, strict=True)]),
        np.concatenate([part[2] for part in parts]),
        np.concatenate(
            [np.pad(part[3], (*pad, (0, 0)), mode="edge") for part, pad in zip(parts, longer, strict=True)]
        )
        if history
        else None,
    )


def _together(parameters, rng, trials, history):
    nodes, budget, fanout = parameters.nodes, parameters.copies, parameters.fanout
    # what a cohort sends in its first round, its second, ...; without a budget all are one cohort that sends for ever
    copies = (
        [fanout]
        if budget is None
        else [fanout] * (budget // fanout) + [budget % fanout] * (budget % fanout > 0)
    )
    cohorts = [np.arange(trials) * nodes] + [np.empty(0, np.int64) for _ in copies[1:]]
    silent = np.empty(0, np.int64)
    known = np.zeros(trials * nodes, dtype=bool)
    known[cohorts[0]] = True
    learned_at = np.full(trials * nodes, NEVER, dtype=np.int32)
    learned_at[cohorts[0]] = 0
    informed, messages = [np.ones(trials, dtype=np.int64)], []
    knew = [known.copy()]
    for now in range(1, parameters.max_rounds + 1):
        if budget is None and not parameters.churn and (informed[-1] == nodes).any():
            if (informed[-1] == nodes).all():
                break
            cohorts[0] = cohorts[0][informed[-1][cohorts[0] // nodes] < nodes]  # the other trials are over
        if not any(map(len, cohorts)) and not (parameters.churn and len(silent)):
            break
        learnt, sent = _exchange(parameters, rng, trials, known, cohorts, copies)
        known[learnt] = True
        learned_at[learnt] = now
        if budget is None:
            cohorts = [np.concatenate([cohorts[0], learnt])]
        else:
            silent = np.concatenate([silent, cohorts[-1]]) if parameters.churn else silent
            cohorts = [learnt, *cohorts[:-1]]
        informed.append(informed[-1] + _per_trial(learnt, nodes, trials))
        if parameters.churn:
            *cohorts, silent = (
                group[rng.random(len(group)) >= parameters.churn] for group in (*cohorts, silent)
            )
            everyone = np.concatenate([*cohorts, silent])
            known[:] = False
            known[everyone] = True
            learned_at[~known] = NEVER
            informed[-1] = _per_trial(everyone, nodes, trials)
        messages.append(sent)
        if history:
            knew.append(known.copy())
    return (
        np.stack(informed, axis=1),
        np.stack(messages, axis=1),
        learned_at.reshape(trials, nodes),
        np.stack(knew).reshape(-1, trials, nodes).swapaxes(0, 1),
    )


def _exchange(parameters, rng, trials, known, cohorts, copies):
    """Return the nodes that learn in this round, ascending, and how many messages are sent per trial."""
    nodes, fanout, loss = parameters.nodes, parameters.fanout, parameters.loss
    after = known.copy()
    sent = np.zeros(trials, dtype=np.int64)
    if parameters.mode != "pull":
        for number, cohort in zip(copies, cohorts, strict=True):
            for senders in _blocks(cohort, number):
                callers, targets = _contacts(parameters, rng, senders, number)
                sent += _per_trial(callers, nodes, trials)
                # a lost copy goes to somebody who knows already, which is as good as to nobody
                targets.reshape(-1)[lost(rng, loss, targets.size)] = senders[0]
                after[targets] = True
    if parameters.mode != "push":
        answering = np.zeros_like(known)
        for cohort in cohorts:
            answering[cohort] = True
        asking = ~known & np.repeat(
            np.bincount(np.concatenate(cohorts) // nodes, minlength=trials) > 0, nodes
        )
        for askers in _blocks(np.flatnonzero(asking), fanout):
            callers, targets = _contacts(parameters, rng, askers, fanout)
            sent += _per_trial(callers, nodes, trials)
            answered = callers[answering[targets] & (rng.random(targets.shape) >= loss)]
            sent += _per_trial(answered, nodes, trials)
            after[answered[rng.random(answered.size) >= loss]] = True
    return np.flatnonzero(after ^ known), sent


def _per_trial(numbers, nodes, trials):
    if trials == 1:
        return np.array([numbers.size])
    return np.bincount(numbers.reshape(-1) // nodes, minlength=trials)


def _blocks(callers, number):
    """The callers in groups whose temporaries fit a core's cache."""
    size = max(1, CALLS // number)
    return (callers[start : start + size] for start in range(0, len(callers), size))


def _contacts(parameters, rng, callers, number):
    """Draw ``number`` different contacts for each caller; return the caller and the contact of every call.

    A caller that has no more neighbours than it may call calls each of them once.
    """
    nodes, overlay = parameters.nodes, parameters.overlay
    own = callers % nodes if parameters.trials > 1 else callers  # its number within its trial
    if overlay is None:
        targets = distinct(rng, nodes - 1, number, len(callers))
        targets += targets >= own  # numbers below nodes - 1, skipping the caller itself
    elif overlay.rows is not None and overlay.rows.shape[1] <= number:
        # all call all their neighbours; whole rows are copied, where an index would go cell by cell
        targets = overlay.rows.take(own, axis=0)
        if parameters.trials > 1:
            targets = targets + (callers - own)[:, None]
        return np.broadcast_to(callers[:, None], targets.shape), targets
    else:
        first = overlay.starts[own]
        degree = overlay.starts[own + 1] - first
        if degree.max() <= number:
            slots = np.broadcast_to(np.arange(number)[:, None], (number, len(callers)))
        else:
            slots = distinct(rng, np.maximum(degree, number), number, len(callers))
            slots[:, degree < number] = np.arange(number)[:, None]
        targets = overlay.targets[np.minimum(slots, degree - 1) + first]
    if parameters.trials > 1:
        targets += callers - own
    callers = np.broadcast_to(callers, targets.shape)
    if overlay is None or degree.min() >= number:
        return callers, targets
    made = slots < degree
    return callers[made], targets[made]
