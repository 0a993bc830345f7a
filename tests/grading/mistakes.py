"""Plausible wrong answers, graded by few submissions: a student makes at most one mistake in what a test looks at."""

from itertools import count

from gossipkit.grading.answers import declared, needs


def mistaken(students, wrong, way):
    """The marks of the reference, of the untouched exercise, and of each mistake in the tasks that look at it.

    Parameters
    ----------
    students : Class
        Of whom nobody has handed in anything.
    wrong : dict
        By the mistake's name the answer cell, how its source is changed, and the tasks that lose points.
    way : Way

    Returns
    -------
    dict
        By name, marks by task.
    """
    answers = declared(students.reference)
    asked = needs(students.reference, {name for given in answers.values() for name in given})
    looking = {
        cell: {task for task, needed in asked.items() if set(needed.answers) & set(given)}
        for cell, given in answers.items()
    }
    made: dict[int, list[str]] = {}
    for name, (cell, _, _) in wrong.items():
        free = (
            student
            for student in count()
            if all(looking[wrong[other][0]].isdisjoint(looking[cell]) for other in made.get(student, ()))
        )
        made.setdefault(next(free), []).append(name)
    students.hand_in_both_ends()
    for student, names in made.items():
        students.hand_in(f"{student}.ipynb", **dict(wrong[name][:2] for name in names))
    marks = students.marks(way)
    found = {"reference": marks["reference"], "untouched": marks["untouched"]}
    for student, names in made.items():
        theirs = marks[str(student)]
        for name in names:
            found[name] = {task: theirs[task] for task in looking[wrong[name][0]]}
        elsewhere = set(theirs) - {task for name in names for task in found[name]}
        for task in elsewhere:
            assert theirs[task].points == marks["reference"][task].points, f"{task}: by {names}"
    return found
