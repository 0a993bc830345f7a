"""Where the course's links lead on its pages."""

import pytest

from gossipkit.lab import repository
from gossipkit.lab.built import BuildError
from gossipkit.lab.site.course import Course
from gossipkit.lab.site.links import on_site, slug

LESSON, EXERCISE = "notebooks/00_first.ipynb", "exercises/one/one.ipynb"


@pytest.mark.parametrize(
    ("page", "link", "leads"),
    [
        (LESSON, "glossary.ipynb#gossip-key", "glossary.md#gossip-key"),
        (LESSON, "../exercises/one/one.ipynb", "../exercises/one/one.md"),
        (EXERCISE, "../../notebooks/00_first.ipynb#The-idea", "../../notebooks/00_first.md#The-idea"),
        (EXERCISE, "../../README.md", "../../start.md"),
        ("README.md", "notebooks/00_first.ipynb", "notebooks/00_first.md"),
        (LESSON, "#The-idea", "#The-idea"),
        (LESSON, "https://example.org/a_(b).ipynb", "https://example.org/a_(b).ipynb"),
        (LESSON, "mailto:somebody@example.org", "mailto:somebody@example.org"),
        (LESSON, "../LICENSE", repository.file("LICENSE")),
        ("README.md", "notebooks", repository.file("notebooks")),
    ],
)
def test_a_link_leads_to_a_page_or_to_a_file_of_the_repository(root, page, link, leads):
    assert (
        on_site(f"See [*this*]({link}), and so on.", page, Course(root))
        == f"See [*this*]({leads}), and so on."
    )


@pytest.mark.parametrize(
    "code", ["`[a](b.ipynb)`", "``[a](b) ` ``", "```python\n[a](b.ipynb)\n```", "~~~\n[a](b)\n~~~"]
)
def test_a_link_in_code_is_code(root, code):
    assert on_site(f"Before\n\n{code}\n\nafter", LESSON, Course(root)) == f"Before\n\n{code}\n\nafter"


@pytest.mark.parametrize("link", ["01_second.ipynb", "../nothing.py", "../../elsewhere.md", "/etc/hosts"])
def test_a_link_to_nothing_is_refused_by_its_page_and_name(root, link):
    with pytest.raises(BuildError, match=f"notebooks/00_first.ipynb: the link '{link}' leads to nothing"):
        on_site(f"[a]({link})", LESSON, Course(root))


def test_an_anchor_is_what_jupyterlab_calls_a_heading():
    assert slug("Operator's view") == "Operator's-view"
