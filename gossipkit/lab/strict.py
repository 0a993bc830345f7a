"""A kernel in which a warning of the course's own code is an error, for whoever stores or compares a notebook's outputs."""

from inspect import getsource


def _only_ours_and_as_errors():
    # runs in the kernel, where a lesson must not find a name that it did not bind: what is imported stays in here
    import logging
    import re
    import warnings

    # a frame's module, or for what the compiler says of a cell the file that ipykernel makes of it
    ours = r"gossipkit(\.|$)|__main__$|.*ipykernel_\d+"
    warnings.filterwarnings("ignore")
    warnings.filterwarnings("error", module=ours)
    # numpy computes with what it is given, also where it says so in a function of its own: the mean of nothing
    warnings.filterwarnings("error", category=RuntimeWarning, module=r"numpy\.")
    # whoever configured no logging gets libraries' warnings on stderr, as on fonts that a machine lacks
    logging.lastResort.addFilter(lambda record: record.name == "root" or bool(re.match(ours, record.name)))


STRICT = f"{getsource(_only_ours_and_as_errors)}_only_ours_and_as_errors()\ndel _only_ours_and_as_errors\n"
"""What such a kernel runs before the first cell.

A warning is ours where Python says that it arose in `gossipkit` or in a cell, and where numpy says what our numbers came to.
One that a library gives of its own lines is not shown, since it depends on the platform and on versions. What our code prints on
stderr is untouched, and is compared like any other output.
"""
