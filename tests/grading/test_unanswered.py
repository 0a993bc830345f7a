"""Whether anything was answered is told by the source of an answer cell, not by an error."""

import nbformat
import pytest

from gossipkit.grading.unanswered import answered, handed_out, why_not

PLAIN = "from gossipkit.gossip import spread, theory\n\n# YOUR CODE HERE\nraise NotImplementedError()"
STUBS = '''
def descends(a, b):
    """Whether a has seen all that b has."""
    # YOUR CODE HERE
    raise NotImplementedError()


def merge(a, b):
    # YOUR CODE HERE
    raise NotImplementedError()
'''
ERROR = {"name": "NotImplementedError", "text": "", "lacks": ""}


@pytest.mark.parametrize(
    "source",
    [
        PLAIN,
        PLAIN.replace("# YOUR CODE HERE\n", "# I have no idea\n\n\n"),
        PLAIN.replace("()", "( )") + "   \n",
        PLAIN.replace("\n", "\r\n"),
        "%matplotlib inline\n" + PLAIN,
        "raise NotImplementedError()",
        "from gossipkit.gossip import spread, theory",
        "# nothing",
        "",
    ],
)
def test_nothing_was_answered(source):
    assert not answered(source, PLAIN, {"never_told"})


@pytest.mark.parametrize(
    "source",
    [
        "never_told = {}",
        PLAIN + "\nnever_told = {}",
        PLAIN.replace("()", "('I did not get there')"),
        "never_told = spread(",
        "%time never_told = {}",
        "I would measure it",
    ],
)
def test_something_was_answered(source):
    assert answered(source, PLAIN, {"never_told"})


def test_one_function_of_a_cell_may_be_answered_and_another_not():
    source = STUBS.replace("def merge(a, b):", "def merge(b, a):")
    assert answered(source, STUBS, {"merge"}) and answered(source, STUBS, {"merge", "descends"})
    assert not answered(source, STUBS, {"descends"})
    assert answered("descends = dict.__ge__\n" + STUBS, STUBS, {"descends"})


def test_what_was_handed_out_is_told_by_the_assignment(root):
    source = nbformat.read(root / "solutions/dynamo/dynamo.ipynb", as_version=4)
    released = nbformat.read(root / "exercises/dynamo/dynamo.ipynb", as_version=4)
    given = {cell.id: cell.source for cell in released.cells}
    found = handed_out(source)
    assert len(found) > 3 and found == {name: given[name] for name in found}


def test_an_untouched_test_says_that_no_answer_was_given():
    said = {"raised": {"name": "NameError", "text": "name 'x' is not defined"}}
    assert why_not(said, {"a": ERROR, "b": ERROR}, {"a", "b"}) == "no answer was given"


def test_what_really_happened_is_said_where_something_was_answered():
    said = {"raised": ERROR | {"text": "pull is to do"}}
    assert why_not(said, {"a": None}, ()) == "the test could not run: NotImplementedError: pull is to do"
    said = {"raised": {"name": "NameError", "text": "name 'x' is not defined"}}
    assert why_not(said, {"a": ERROR | {"name": "KeyError", "text": "'n'"}, "b": ERROR}, {"b"}) == (
        "the test could not run: NameError: name 'x' is not defined; the answer cell 'a' ended with KeyError: 'n'; "
        "no answer was given in the cell 'b'"
    )


def test_a_property_that_failed_is_the_reason_wherever_the_answer_stands():
    assert why_not({"failed": "not so: it is."}, {"a": ERROR}, {"a"}) == "not so: it is."
    assert why_not({}, {"a": None}, ()) == ""
