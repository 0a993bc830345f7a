"""The list of mutants fits the engine as it stands, and a sample of them is killed; what they are for is said where they are."""

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache

import pytest

from tests.mutants import MUTANTS

SAMPLE = 40


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
        compile(each.apply(source), str(each), "exec")


def test_each_mutant_names_a_test_that_is_there_and_a_rule_of_its_own(root):
    @cache
    def functions(file):
        return {
            node.name
            for node in ast.walk(ast.parse((root / file).read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)
        }

    named = {str(each): each.test.partition("::") for each in MUTANTS}
    assert [each for each, (file, _, test) in named.items() if test not in functions(file)] == []
    assert [each for each, (_, _, test) in named.items() if not test.startswith("test_")] == []
    assert [rule for rule, count in Counter(map(str, MUTANTS)).items() if count > 1] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants run in forks: this system has none")
def test_the_tests_notice_a_sample_of_the_mutants(root):
    """Another sample after each change of the engine, and the same one in each run of one commit."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.mutants", "--sample", str(SAMPLE)],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert re.findall("^SURVIVED.*", told.stdout, re.MULTILINE) == []
    assert told.returncode == 0, told.stdout + told.stderr
