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


def answered(lab, root, name, **otherwise):
    """Write the reference answers, or others by the cell's id, beside the exercise; returns the notebook."""
    exercise = lab.course / "exercises/epidemics/epidemics.ipynb"
    notebook = nbformat.read(exercise, as_version=4)
    reference = nbformat.read(root / "solutions/epidemics/epidemics.ipynb", 4)
    answers = {cell.id: cell.source for cell in reference.cells} | otherwise
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    nbformat.write(notebook, exercise.with_name(name))
    return notebook


def test_the_reference_answers_pass_what_students_can_see(lab, page, root):
    answered(lab, root, "answered.ipynb")
    assert "Success" in validated(lab, page, "exercises/epidemics/answered.ipynb")


def test_the_exercise_says_what_its_success_means_where_the_form_is_all_that_is_looked_at(lab, page, root):
    notebook = answered(lab, root, "form.ipynb", reason='reason = "D"')
    said = validated(lab, page, "exercises/epidemics/form.ipynb")
    success = next(line for line in said.splitlines() if line.startswith("Success"))
    introduction = notebook.cells[0].source
    assert f'its "{success}" means those, and not that every answer is right' in introduction
