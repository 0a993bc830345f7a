"""Strict nbval: text, html and stderr must come out as stored, and a warning of the course's own code is an error.

It stands here because notebooks lie outside ``tests/``, and one can be run by itself. A library's or a platform's warning is not
shown in the kernel (``gossipkit.lab.strict`` says whose is whose), so that what comes on stderr is ours. nbval itself leaves out
image/png, whose bytes depend on the platform's rasteriser; ``tests/nbval.cfg`` blanks the same bytes where a figure's html
carries them. The numbers behind every picture are in its text face, which is compared.
"""

import pytest
from nbval.plugin import IPyNbCell

STRICT = pytest.StashKey[bool]()
# garbage is looked for as seldom as in the tests (tests/conftest.py)
SELDOM = '__import__("gc").set_threshold(20_000, 10, 10)'


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    yield
    if isinstance(item, IPyNbCell) and STRICT not in item.parent.stash:
        from gossipkit.lab import strict  # only here: it brings the whole lab along

        kernel = item.parent.kernel
        kernel.await_reply(kernel.execute_cell_input(strict.STRICT + SELDOM), timeout=60)
        item.parent.stash[STRICT] = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if isinstance(item, IPyNbCell) and report.failed:
        said = [output.text for output in item.test_outputs or () if output.get("name") == "stderr"]
        if said:  # nbval names the field that differs, and not what is in it
            report.sections.append(("stderr of the cell", "".join(said)))
    return report
