"""JupyterLab's Validate button on an exercise, as a student presses it before handing in."""

import nbformat
from playwright.sync_api import expect


def validated(lab, page, notebook):
    lab.open(page, notebook)
    page.get_by_role("button", name="Validate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=120_000)
    return dialog.inner_text()


def test_the_untouched_exercise_is_told_what_is_missing(lab, page):
    said = validated(lab, page, "exercises/epidemics/epidemics.ipynb")
    assert "NotImplementedError" in said


def test_the_reference_answers_pass_what_students_can_see(lab, page, root):
    exercise = lab.course / "exercises/epidemics/epidemics.ipynb"
    answered = nbformat.read(exercise, as_version=4)
    answers = {
        cell.id: cell.source for cell in nbformat.read(root / "solutions/epidemics/epidemics.ipynb", 4).cells
    }
    for cell in answered.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    nbformat.write(answered, exercise.with_name("answered.ipynb"))
    assert "Success" in validated(lab, page, "exercises/epidemics/answered.ipynb")
