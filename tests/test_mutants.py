"""The list of mutants fits the engine as it stands; what they are for is said where they are."""

from collections import Counter

from tests.mutants import MUTANTS


def test_the_text_of_each_mutant_stands_exactly_once_in_its_file_and_is_changed(root):
    sources = {each.file: (root / each.file).read_text(encoding="utf-8") for each in MUTANTS}
    assert [
        str(each)
        for each in MUTANTS
        if sources[each.file].count(each.text) != 1 or each.replacement == each.text
    ] == []


def test_each_mutant_is_a_program_still(root):
    for each in MUTANTS:
        source = (root / each.file).read_text(encoding="utf-8")
        compile(source.replace(each.text, each.replacement), str(each), "exec")


def test_each_mutant_names_tests_that_are_there_and_a_rule_of_its_own(root):
    assert [test for each in MUTANTS for test in each.tests if not (root / test).is_file()] == []
    assert [rule for rule, count in Counter(map(str, MUTANTS)).items() if count > 1] == []
