"""The model of Redis Cluster beside real clusters, by percentile: ``python -m tests.benchmarks redis``."""

from statistics import quantiles

from gossipkit.gossip import measured
from gossipkit.systems.redis_cluster.experiments import failover

RUNS = 200
LEVELS = (10, 50, 90)


def percentiles(values):
    cut = quantiles(values, n=100, method="inclusive")
    return [cut[level - 1] for level in LEVELS]


def main():
    head = "  ".join(f"{level:>2} %: real  model ratio" for level in LEVELS)
    print(f"{'masters, timeout, fault':24} {'step':12} {head}")
    for setting in measured.failovers():
        runs = [
            failover(setting.node_timeout_s, fault=setting.fault, masters=setting.masters, seed=seed).ends
            for seed in range(RUNS)
        ]
        for step in setting.runs[0]:
            real = percentiles([run[step] for run in setting.runs if step in run])
            model = percentiles([run[step] for run in runs if step in run])
            cells = "  ".join(
                f"{one:10.2f} {other:6.2f} {other / one:5.2f}" for one, other in zip(real, model, strict=True)
            )
            print(f"{setting.masters:2} {setting.node_timeout_s:5g} s {setting.fault:13} {step:12} {cells}")


if __name__ == "__main__":
    main()
