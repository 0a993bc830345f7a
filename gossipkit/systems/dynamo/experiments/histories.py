"""Versions as graphs: the paper's figure 3, and a shopping cart under a partition."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....authority.versions import VectorClock
from ..cluster import Dynamo
from ..merging import union
from ..operation import Operation

Cart = tuple[Any, ...]


@dataclass(frozen=True)
class Written:
    """One version in a history."""

    name: str
    value: Any
    clock: VectorClock
    coordinator: str
    client: str
    time_s: float


@dataclass(frozen=True)
class History:
    """Versions as a graph."""

    nodes: tuple[Written, ...]
    edges: tuple[tuple[str, str], ...]
    """From a version to one that replaces it, by name, without those that follow from others."""

    def __repr__(self) -> str:
        arrows = ", ".join(f"{one} -> {other}" for one, other in self.edges)
        return f"<History of {len(self.nodes)} versions: {arrows}>"


def history_graph(puts: list[tuple[str, str, Operation]]) -> History:
    """The graph that puts make by their clocks.

    Parameters
    ----------
    puts : list of (str, str, Operation)
        Name of the version, the client, and its put, which must have been begun.
    """
    nodes = tuple(
        Written(name, put.written, put.clock, put.coordinator, client, put.started_s)
        for name, client, put in puts
    )
    after = {name: {later for later, _, other in puts if other.replaces(put)} for name, _, put in puts}
    edges = [
        (name, later)
        for name, followers in after.items()
        for later in sorted(followers)
        if not any(later in after[between] for between in followers)
    ]
    return History(nodes, tuple(edges))


@dataclass(frozen=True)
class Figure3:
    """The paper's figure 3, see `figure_3`."""

    history: History
    siblings: tuple[str, ...]
    """What a reader gets between D4 and D5."""
    context: VectorClock
    """And with which context."""
    final: tuple[str, ...]
    """What a reader gets after D5."""

    def __repr__(self) -> str:
        return f"<Figure3: after D4 a reader gets {self.siblings}, after D5 {self.final}>"


def figure_3(versions: str = "vector", seed: int = 1) -> Figure3:
    """Replay D1 to D5 of the paper's figure 3 on nodes Sx, Sy and Sz.

    Parameters
    ----------
    versions : {"vector", "vnode", "dotted", "lww"}
    seed : int
    """
    cluster = Dynamo(("Sx", "Sy", "Sz"), versions=versions, seed=seed)
    puts: list[tuple[str, str, Operation]] = []

    def put(name: str, context: VectorClock | None, via: str) -> VectorClock:
        operation = cluster.wait(cluster.put("figure-3", name, context, via=via))
        puts.append((name, via, operation))
        return operation.clock

    d2 = put("D2", put("D1", None, "Sx"), "Sx")
    put("D3", d2, "Sy")
    put("D4", d2, "Sz")
    read = cluster.wait(cluster.get("figure-3", via="Sx"))
    put("D5", read.context, "Sx")
    final = cluster.wait(cluster.get("figure-3", via="Sy"))
    return Figure3(history_graph(puts), read.siblings, read.context, final.siblings)


@dataclass(frozen=True)
class CartStory:
    """A shopping cart on both sides of a partition, see `cart_under_partition`."""

    history: History
    siblings: tuple[Cart, ...]
    """What a reader gets after the partition."""
    merged: Cart
    """What the policy makes of it."""
    final: tuple[Cart, ...]
    """What a reader gets after the merged cart has been written."""
    lost: Cart
    """Items that Bob was told to be in, and that are not in the final cart though nobody took them out."""
    resurrected: Cart
    """Items that Ann was told to be out, and that are in the final cart all the same."""
    refused: int
    """Operations that were not ok."""

    def __repr__(self) -> str:
        return (
            f"<CartStory: {len(self.siblings)} siblings, merged to {self.merged}; lost {self.lost}, back again "
            f"{self.resurrected}, {self.refused} operations not ok>"
        )


def take_out(cart: Cart, item: Any) -> Cart:
    """The cart without an item."""
    return tuple(other for other in cart if other != item)


def cart_under_partition(
    merge: Callable[[tuple[Cart, ...]], Cart] = union,
    *,
    take: Callable[[Cart, Any], Cart] = take_out,
    items: Callable[[Cart], Cart] = tuple,
    versions: str = "vector",
    sloppy: bool = True,
    seed: int = 1,
) -> CartStory:
    """Bob puts eggs in and then Ann takes milk out, on two sides of a partition; then Bob reads, merges and writes.

    Parameters
    ----------
    merge : callable
        The application's policy, from siblings to one cart.
    take : callable
        How a client takes an item out of a cart it has read.
    items : callable
        What is in a cart, for representations that hold more than items.
    versions : {"vector", "vnode", "dotted", "lww"}
    sloppy : bool
        If not, the side with fewer than W homes is refused.
    seed : int
    """
    cluster = Dynamo(6, versions=versions, sloppy=sloppy, merge=merge, seed=seed)
    cluster.run(until=0.0)
    preference = cluster.authority.preference_list("cart")
    ann, bob = preference[0], preference[1]
    puts: list[tuple[str, str, Operation]] = []

    def change(name: str, client: str, via: str, edit: Callable[[Cart], Cart]) -> None:
        get = cluster.wait(cluster.get("cart", via=via))
        if get.ok:
            put = cluster.wait(cluster.put("cart", edit(get.value or ()), get.context, via=via))
            if put.coordinator is not None and put.copy is not None:
                puts.append((name, client, put))

    change("V1", "Ann", ann, lambda cart: (*cart, "book"))
    change("V2", "Ann", ann, lambda cart: (*cart, "milk"))
    cluster.run(until=5.0)
    cluster.partition([ann, *preference[3:5]], [bob, preference[2], *preference[5:]])
    change("V3", "Bob", bob, lambda cart: (*cart, "eggs"))
    change("V4", "Ann", ann, lambda cart: take(cart, "milk"))
    cluster.run(until=15.0)
    cluster.heal()
    cluster.run(until=30.0)
    read = cluster.wait(cluster.get("cart", via=bob))
    merged = read.value or ()
    change("V5", "Bob", bob, lambda cart: cart)
    cluster.run(until=40.0)
    final = cluster.wait(cluster.get("cart", via=ann))
    inside = items(final.value or ())
    done = {name for name, _, put in puts if put.ok}
    return CartStory(
        history_graph(puts),
        read.siblings,
        merged,
        final.siblings,
        ("eggs",) if "V3" in done and "eggs" not in inside else (),
        ("milk",) if "V4" in done and "milk" in inside else (),
        sum(not operation.ok for operation in cluster.operations),
    )
