"""Where figures stand, and what they are called: as the experiments whose runs they draw."""

import importlib
import inspect
import pkgutil

import pytest

from gossipkit.lab import figures
from gossipkit.lab.chart import Chart

SYSTEMS = ("cassandra", "consul", "dynamo", "transfer", "trust")
# nothing but experiments stands there
WHERE = {name: f"gossipkit.systems.{name}" for name in ("transfer", "trust")}


def drawing(package):
    """The functions of a package that give a chart, by name."""
    return {
        name: each
        for name in package.__all__
        if inspect.isfunction(each := getattr(package, name))
        and each.__annotations__["return"] == Chart.__name__
    }


def module_of(function):
    return function.__module__.rsplit(".", 1)[1]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_figure_stands_in_a_module_of_the_name_of_its_experiments(system):
    experiments = importlib.import_module(WHERE.get(system, f"gossipkit.systems.{system}.experiments"))
    there = {
        module_of(getattr(experiments, name))
        for name in experiments.__all__
        if hasattr(getattr(experiments, name), "__module__")
    }
    drawn = drawing(importlib.import_module(f"gossipkit.lab.figures.{system}"))
    assert drawn and {module_of(each) for each in drawn.values()} <= there


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_run_and_its_figure_have_one_name(system):
    experiments = importlib.import_module(WHERE.get(system, f"gossipkit.systems.{system}.experiments"))
    drawn = drawing(importlib.import_module(f"gossipkit.lab.figures.{system}"))
    assert set(drawn) <= set(experiments.__all__)
    for name, figure in drawn.items():
        assert figure.__name__ == name and module_of(figure) == module_of(getattr(experiments, name))


def test_a_comparison_s_run_and_its_figure_have_one_name_and_modules_of_one_name():
    runs = importlib.import_module("gossipkit.systems.comparison")
    drawn = drawing(importlib.import_module("gossipkit.lab.figures.comparison"))
    alike = set(drawn) & set(runs.__all__)
    assert alike == {"matrix", "one_outage"}
    assert all(module_of(drawn[name]) == module_of(getattr(runs, name)) for name in alike)


def test_figures_offers_what_its_packages_draw_and_the_shapes_that_they_share():
    shared = {"beside_measured", "curves", "heatmap", "model_against_measured", "over_time", "three_parts"}
    of_systems = set()
    for _, name, package in pkgutil.iter_modules(figures.__path__):
        if not package:
            continue
        of_systems |= set(drawing(importlib.import_module(f"gossipkit.lab.figures.{name}")))
    assert set(figures.__all__) == shared | of_systems - {"network_chart"}
