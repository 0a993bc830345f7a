"""Mutants of the grader."""

from tests.mutants.mutant import Mutant, mutants_of

MUTANTS: list[Mutant] = [
    *mutants_of(
        "grading/checker.py",
        "grading/test_checker.py",
        (
            "each test has a fresh namespace",
            '        self.namespace = {"__name__": "__main__"}\n',
            '        self.namespace["__name__"] = "__main__"\n',
            "test_each_test_has_a_fresh_namespace_with_the_setup_cells_alone",
        ),
        (
            "a student's process that is gone is no failed answer",
            '                answer["gone"] = str(error)\n',
            '                answer["failed"] = str(error)\n',
            "test_without_values_the_reason_is_told",
        ),
        (
            "a setup cell that fails is the course's fault",
            '                return answer | {"broken": {"cell": name} | raised(error)}\n',
            '                return answer | {"raised": raised(error)}\n',
            "test_a_setup_cell_that_fails_is_named_and_no_answer_is_to_blame",
        ),
        (
            "what a student's function changes in a list is changed here",
            "        value[:] = now\n",
            "        pass\n",
            "test_what_a_students_function_changes_in_an_argument_is_changed_here",
        ),
        (
            "what a student's function changes in a dict or set is changed here",
            "        value.update(now)\n",
            "        pass\n",
            "test_what_a_students_function_changes_in_an_argument_is_changed_here",
        ),
        (
            "what a student's function changes in an array is changed here",
            "        value[...] = now\n",
            "        pass\n",
            "test_what_a_students_function_changes_in_an_argument_is_changed_here",
        ),
        (
            "a student's own exception is a RuntimeError that names it",
            'return RuntimeError(f"{name}: {text}")',
            "return RuntimeError(text)",
            "test_any_other_error_is_a_runtime_error_that_names_it",
        ),
        (
            "a student's function can't end the checker",
            "and issubclass(kind, Exception)\n",
            "and issubclass(kind, BaseException)\n",
            "test_any_other_error_is_a_runtime_error_that_names_it",
        ),
        (
            "what a test needs and the sandbox lacks is not judged",
            '            if answer["raised"]["lacks"]:\n',
            "            if False:\n",
            "test_what_the_grader_lacks_leaves_a_test_without_a_verdict",
        ),
        (
            "what a test prints reaches nobody",
            "with contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):",
            "with contextlib.nullcontext():",
            "test_what_a_test_prints_reaches_nobody",
        ),
    ),
    *mutants_of(
        "grading/intake.py",
        "grading/test_intake.py",
        (
            "of several submissions the newest counts",
            "newest = max(several, key=lambda one: one.handed_in)",
            "newest = min(several, key=lambda one: one.handed_in)",
            "test_of_several_submissions_the_newest_counts",
        ),
        (
            "two of one time are a question for the instructor",
            "if len(times) == len(several) and times[-1] > times[-2]:",
            "if len(times) == len(several):",
            "test_several_whose_order_is_not_known_are_a_question_for_the_instructor",
        ),
        (
            "several without their times are a question for the instructor",
            "if len(times) == len(several) and times[-1] > times[-2]:",
            "if len(times) > 1 and times[-1] > times[-2]:",
            "test_several_whose_order_is_not_known_are_a_question_for_the_instructor",
        ),
        (
            "a locked cell that was edited is restored",
            "        cell.source = original.source\n    elif",
            "        pass\n    elif",
            "test_a_test_that_was_edited_runs_as_it_was_handed_out",
        ),
        (
            "points that were edited are restored",
            "    cell.metadata = deepcopy(original.metadata)\n",
            "    pass\n",
            "test_points_that_were_edited_are_restored",
        ),
        (
            "a cell that is missing is put back",
            "            notebook.cells.insert(at, back)\n",
            "            pass\n",
            "test_a_test_that_is_missing_is_put_back_in_its_place",
        ),
        (
            "the answer cell that was put back is empty",
            '                back.source = ""\n',
            "                pass\n",
            "test_an_answer_cell_that_is_missing_comes_back_empty",
        ),
        (
            "of a cell that is there twice the answered one is read",
            "                if _untouched(seen[name], source[name]) and not _untouched(cell, source[name]):\n",
            "                if False:\n",
            "test_of_an_answer_cell_that_is_there_twice_the_answered_one_is_read",
        ),
        (
            "outputs are not read",
            "            cell.outputs, cell.execution_count = [], None\n        if isinstance",
            "            pass\n        if isinstance",
            "test_outputs_and_foreign_metadata_are_not_read",
        ),
        (
            "a notebook has so many cells at most",
            "    if len(notebook.cells) > MOST_CELLS:\n",
            "    if False:\n",
            "test_a_notebook_of_too_many_cells_is_refused_with_their_number",
        ),
    ),
    *mutants_of(
        "grading/sandbox.py",
        "grading/test_sandbox.py",
        (
            "a process has so much processor time",
            "        if cpu_s > self.limits.cpu_s:\n",
            "        if False:\n",
            "test_each_limit_is_reached_before_it_is_passed",
        ),
        (
            "a process has so much time on the clock",
            "        if wall_s > self.within:\n",
            "        if False:\n",
            "test_each_limit_is_reached_before_it_is_passed",
        ),
        (
            "a process has so much memory",
            "        if taken.memory_bytes > self.limits.memory_bytes:\n",
            "        if False:\n",
            "test_each_limit_is_reached_before_it_is_passed",
        ),
        (
            "the first verdict stands",
            "            self.verdict = self.verdict or verdict\n            self._end()\n",
            "            self.verdict = verdict\n            self._end()\n",
            "test_the_first_verdict_stands",
        ),
    ),
]
