"""The exact path for the complete graph, where only counts are kept.

On the complete graph all informed nodes are alike, and so are all uninformed ones, so a round can be drawn from the
counts alone, without ever saying who called whom. One binomial draw per round would not do: the copies of one sender go
to *different* nodes, and two senders may hit the same one. A round is drawn in the order in which chance enters it:

1. how many of a caller's contacts are of the kind that matters (uninformed, for a push) is hypergeometric, because its
   contacts are distinct; those that survive loss are a binomial share of them; over all callers this is multinomial;
2. the nodes that are hit are uniformly random among the uninformed, distinct for one sender: how many *different* ones
   are hit is counted by throwing the hits, and nothing but the hits, at a row of flags;
3. two independent random sets (hit by senders of a full round and of a last, partial one; pushed to and pulling)
   overlap hypergeometrically.

Which nodes learn in a round follows from the counts alone, too: all uninformed nodes are alike, so every set of them of the
drawn size is equally likely, whatever happened before. The nodes are dealt out to the rounds at the end. (With churn they are
not alike: who was replaced can only have learnt after that. Then every node is followed.)

All trials take their round together, as one more axis of the arrays.
"""

from __future__ import annotations

from functools import lru_cache

from ..sim.arrays import np
from .parameters import Parameters
from .sampling import BLOCK, staggered

NEVER = -1  # the round in which a node has learnt that does not know at the end


def run(parameters: Parameters, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the informed, shape (trials, rounds + 1), and the messages, shape (trials, rounds)."""
    nodes, fanout, budget = parameters.nodes, parameters.fanout, parameters.copies
    # a cohort is the nodes that learnt the rumour in the same round; without a budget one cohort holds them all
    copies = (
        [fanout]
        if budget is None
        else [fanout] * (budget // fanout) + [budget % fanout] * (budget % fanout > 0)
    )
    cohorts = np.zeros((parameters.trials, len(copies)), dtype=np.int64)
    cohorts[:, 0] = 1
    spent = np.zeros(parameters.trials, dtype=np.int64)
    tellers = cohorts.sum(axis=1)
    informed, messages = [tellers], []
    for _ in range(parameters.max_rounds):
        uninformed = nodes - informed[-1]
        telling = tellers > 0
        if budget is None and not parameters.churn:
            telling &= uninformed > 0
        if not telling.any() and not (parameters.churn and spent.any()):
            break
        learnt, sent = _exchange(parameters, rng, copies, cohorts * telling[:, None], uninformed * telling)
        if budget is None:
            cohorts[:, 0] += learnt
        else:
            spent += cohorts[:, -1]
            cohorts[:, 1:] = cohorts[:, :-1]
            cohorts[:, 0] = learnt
        if parameters.churn:
            cohorts = rng.binomial(cohorts, 1 - parameters.churn)
            spent = rng.binomial(spent, 1 - parameters.churn)
        tellers = cohorts.sum(axis=1)
        informed.append(tellers + spent)
        messages.append(sent)
    return np.stack(informed, axis=1), np.stack(messages, axis=1)


def dealt_out(informed: np.ndarray, nodes: int, rng: np.random.Generator) -> np.ndarray:
    """Draw when each node learnt, shape (trials, nodes), from how many had learnt by then, shape (trials, rounds + 1).

    The first node knows at the start, -1 stands for never, and nobody is replaced.
    """
    learned_at = np.zeros((len(informed), nodes), dtype=np.int32)
    rounds = np.append(np.arange(1, informed.shape[1]), NEVER)
    for trial, known in zip(learned_at, informed, strict=True):
        trial[1:] = np.repeat(rounds, np.diff(known, append=nodes))
    rng.permuted(learned_at[:, 1:], axis=1, out=learned_at[:, 1:])
    return learned_at


def _exchange(parameters, rng, copies, cohorts, uninformed):
    """Draw one round: how many nodes learn, and how many messages are sent, per trial."""
    others, loss, fanout = parameters.nodes - 1, parameters.loss, parameters.fanout
    learnt, sent = None, 0
    if parameters.mode != "pull":
        partial = copies[-1] < fanout
        for number, senders in [(fanout, cohorts[:, : len(copies) - partial].sum(axis=1))] + partial * [
            (copies[-1], cohorts[:, -1])
        ]:
            hits = _arrivals(rng, senders, number, uninformed, others, loss)
            learnt = _union(rng, uninformed, learnt, _different(rng, uninformed, hits))
            sent = sent + number * senders
    if parameters.mode != "push":
        replies = _arrivals(rng, uninformed, fanout, cohorts.sum(axis=1), others, loss)
        pulled = rng.binomial(replies, 1 - loss ** np.arange(fanout + 1)).sum(axis=1)
        learnt = _union(rng, uninformed, learnt, pulled)
        sent = sent + fanout * uninformed + replies @ np.arange(fanout + 1)
    return learnt, sent


def _arrivals(rng, callers, contacts, wanted, others, loss):
    """Draw how many callers have 0, 1, ... ``contacts`` messages arrive at nodes that are ``wanted``.

    Each caller contacts ``contacts`` different ones of ``others`` nodes, ``wanted`` of them of the kind that matters.
    Shape (trials, contacts + 1).
    """
    # ``wanted`` is above ``others`` only in trials without a caller, whose draws don't count
    wanted = np.minimum(wanted, others)
    reached = np.zeros((len(wanted), contacts + 1))
    reached[:, 0] = 1
    again, further = np.empty_like(reached), reached[:, 1:]
    left = wanted[:, None] - np.arange(contacts + 1)
    for chance in left / (others - np.arange(contacts))[:, None, None]:
        np.multiply(reached, chance, out=again)
        reached -= again
        further += again[:, :-1]
    return rng.multinomial(callers, reached @ _thinning(contacts, loss))


@lru_cache
def _thinning(contacts, loss):
    """The chance that of ``row`` messages ``column`` arrive."""
    chance = np.zeros((contacts + 1, contacts + 1))
    chance[0, 0] = 1
    for sent in range(contacts):
        chance[sent + 1] = loss * chance[sent]
        chance[sent + 1, 1:] += (1 - loss) * chance[sent, :-1]
    return chance


def _different(rng, pool, hits):
    """Draw how many different nodes of a ``pool`` are hit, where ``hits[:, h]`` senders hit ``h`` different ones each."""
    width = int(pool.max(initial=1))
    flags = np.zeros(len(pool) * width, dtype=bool)
    number, trial = _kinds(len(pool), hits.shape[1] - 1)
    kinds = hits[:, :0:-1].T
    senders = kinds.reshape(-1)
    spare, first = np.repeat((pool[trial] - number).astype(float), senders), np.repeat(trial * width, senders)
    drawing = kinds.sum(axis=1).cumsum()[::-1]  # how many senders throw a first, a second, ... time
    for start in range(0, len(spare), BLOCK):
        block = slice(start, start + BLOCK)
        row, here = first[block], np.minimum(drawing - start, BLOCK)
        for thrown in staggered(rng, spare[block], here[here > 0].tolist()):
            flags[row[: len(thrown)] + thrown] = True
    # eight flags a byte first: adding up the flags themselves would cost as much as throwing the hits
    return np.bitwise_count(np.packbits(flags.reshape(len(pool), width), axis=1)).sum(axis=1, dtype=np.int64)


@lru_cache
def _kinds(trials, most):
    """The kinds of senders that `_different` tells apart: how many each hits, and in which trial.

    Those with more hits come first, so that whoever throws a second, a third, ... time is the beginning of the row.
    """
    return np.repeat(np.arange(most, 0, -1), trials), np.tile(np.arange(trials), most)


def _union(rng, pool, first, second):
    """Draw the size of the union of two independent, uniformly random sets of given sizes out of a ``pool``.

    ``first`` is None where there is but one set: a draw for an empty one would cost as much as any.
    """
    if first is None:
        return second
    return first + second - rng.hypergeometric(first, pool - first, second)
