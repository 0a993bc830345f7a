"""What `tests/conftest.py` sets for all tests."""

from hypothesis import settings


def test_property_tests_repeat_their_examples_unless_new_ones_are_searched_for(request):
    searched = request.config.getoption("--hypothesis-profile") == "search"
    assert settings.default.derandomize is not searched
    assert settings.default.deadline is None, "a loaded machine fails no test"
