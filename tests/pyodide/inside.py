"""What is run twice, in Pyodide and here: the engine's doctests, and a short run of each system to its last byte."""

import doctest
import importlib
import pkgutil

PARTS = ("sim", "authority", "repair", "gossip")


def doctests() -> dict:
    """Of `PARTS`: how many examples ran, which failed, and which modules and docstrings begin to compute with numpy."""
    ran, failed, need_numpy = 0, [], []
    for part in PARTS:
        package = importlib.import_module(f"gossipkit.{part}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            try:
                module = importlib.import_module(found.name)
            except ModuleNotFoundError as missing:
                if missing.name not in ("numpy", "networkx"):
                    raise
                need_numpy.append(found.name)
                continue
            for test in doctest.DocTestFinder().find(module):
                runner = _Runner(verbose=False)
                runner.run(test, out=lambda text: None)
                if runner.needed_numpy:
                    need_numpy.append(test.name)
                elif runner.failures:
                    failed.append(test.name)
                ran += 0 if runner.needed_numpy else runner.tries
    return {"ran": ran, "failed": failed, "need_numpy": need_numpy}


class _Runner(doctest.DocTestRunner):
    needed_numpy = False

    def report_unexpected_exception(self, out, test, example, exc_info):
        # an example that asks for numpy says so, and those after it in its docstring have nothing to go on
        missing = exc_info[1]
        self.needed_numpy |= isinstance(missing, ModuleNotFoundError) and missing.name in (
            "numpy",
            "networkx",
        )


SYSTEMS = {
    "Consul": ("agent-2", {"agents": 4, "servers": 3}),
    "Cassandra": ("node-2", {"nodes": 4}),
    "Dynamo": ("node-2", {"nodes": 4}),
    "RedisCluster": ("node-2", {"masters": 3, "replicas": 1}),
}


def run(system: str) -> str:
    """The whole trace of a few simulated seconds with a crash, a restart and lost datagrams."""
    from gossipkit import systems
    from gossipkit.sim import Scenario

    name, sizes = SYSTEMS[system]
    cluster = getattr(systems, system)(**sizes, seed=5)
    cluster.play(
        Scenario([(1, "set_loss", {"p": 0.1}), (2, "crash", {"name": name}), (9, "restart", {"name": name})])
    )
    cluster.run(until=12)
    return cluster.trace.to_jsonl()


def runs() -> dict[str, str]:
    """Such a trace of each system."""
    return {system: run(system) for system in SYSTEMS}
