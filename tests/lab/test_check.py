"""Knowledge checks: answers, feedback, and where the key is not."""

import json

import pytest

from gossipkit.lab import KnowledgeCheck, questions

ALL = [(lesson, name) for lesson in questions.lessons() for name in questions.names(lesson)]

MADE_UP = {
    "one": {
        "kind": "single",
        "prompt": "One <of> these?",
        "options": [
            {"text": "first & foremost", "right": False, "why": "why-first"},
            {"text": "second", "right": True, "why": "why-second"},
            {"text": "third", "right": False, "why": "why-third"},
        ],
    },
    "some": {
        "kind": "multiple",
        "prompt": "Which?",
        "options": [
            {"text": "first", "right": True, "why": "why-first"},
            {"text": "second", "right": False, "why": "why-second"},
            {"text": "third", "right": True, "why": "why-third"},
            {"text": "fourth", "right": False, "why": "why-fourth"},
        ],
    },
    "sorted": {
        "kind": "match",
        "prompt": "Where?",
        "categories": ["left", "right"],
        "options": [
            {"text": "first", "category": "left", "why": "why-first"},
            {"text": "second", "category": "right", "why": "why-second"},
        ],
    },
    "ranked": {
        "kind": "order",
        "prompt": "In what order?",
        "options": [{"text": text, "why": f"why-{text}"} for text in ("least", "middle", "most")],
    },
}


@pytest.fixture
def ask(tmp_path):
    """A question of a lesson that is made up here."""
    (tmp_path / "lesson.json").write_text(json.dumps(MADE_UP), encoding="utf-8")
    return lambda name: KnowledgeCheck("lesson", name, folder=tmp_path)


def right_answer(lesson, name, folder=questions.FOLDER):
    """The answer that the data file holds."""
    question = questions.load(lesson, name, folder)
    keys = [option.key for option in question.options]
    if question.kind in ("single", "multiple"):
        return [number for number, key in enumerate(keys, 1) if key]
    return keys


def marks(check):
    """What the options wear, "-" where they are closed."""
    return [each["mark"] or "-" for each in check.feedback["options"]]


def reasons(check):
    return [each["why"] for each in check.feedback["options"]]


# the four kinds


@pytest.mark.parametrize("wrong", [1, 3])
def test_a_wrong_single_choice_is_told_why_and_leaves_the_others_closed(ask, wrong):
    check = ask("one")
    assert check.score is None
    check.answer(wrong)
    assert check.score == 0 and check.feedback["verdict"] == "Not this one."
    assert marks(check) == ["wrong" if number == wrong else "-" for number in (1, 2, 3)]
    whys = ["why-first", "why-second", "why-third"]
    assert reasons(check) == [why * (number == wrong) for number, why in enumerate(whys, 1)]


def test_the_right_single_choice_opens_all_reasons(ask):
    check = ask("one")
    check.answer(2)
    assert check.score == 1 and check.feedback["verdict"] == "Right."
    assert marks(check) == ["-", "right", "-"]
    assert reasons(check) == ["why-first", "why-second", "why-third"]


@pytest.mark.parametrize(
    ("answer", "score", "worn"),
    [
        ((1, 3), 1.0, ["right", "-", "right", "-"]),
        ((3, 1), 1.0, ["right", "-", "right", "-"]),
        ((1,), 0.75, ["right", "-", "-", "-"]),
        ((), 0.5, ["-", "-", "-", "-"]),
        ((1, 2, 3), 0.75, ["right", "wrong", "right", "-"]),
        ((2, 4), 0.0, ["-", "wrong", "-", "wrong"]),
        ((1, 1, 3), 1.0, ["right", "-", "right", "-"]),
    ],
)
def test_multiple_scores_each_judgement_and_tells_of_what_was_chosen(ask, answer, score, worn):
    check = ask("some")
    check.answer(*answer)
    assert check.score == score and marks(check) == worn
    assert check.feedback["verdict"] == f"{round(4 * score)} of 4 judged rightly."
    assert [bool(why) for why in reasons(check)] == [score == 1 or number in answer for number in range(1, 5)]


@pytest.mark.parametrize(
    ("answer", "score"), [(("left", "right"), 1.0), (("left", "left"), 0.5), (("right", "left"), 0.0)]
)
def test_match_does_not_tell_the_right_category_of_a_wrong_one(ask, answer, score):
    check = ask("sorted")
    check.answer(*answer)
    assert check.score == score
    for said, was, key in zip(check.feedback["options"], answer, ("left", "right"), strict=True):
        assert said["says"] == (f"Right: {key}." if was == key else f"Not {was}.")
        assert bool(said["why"]) == (was == key)


def test_order(ask, browser_sends):
    check = ask("ranked")
    assert sorted(check.options) == ["least", "middle", "most"] != check.options
    places = [["least", "middle", "most"].index(text) + 1 for text in check.options]
    check.answer(*places)
    assert check.score == 1
    # the browser sends what its selects hold, which is text
    assert browser_sends(check, {"answer": [str(place) for place in places]})["error"] == ""
    assert check.score == 1
    swapped = [places[1], places[0], places[2]]
    check.answer(*swapped)
    assert check.score == pytest.approx(1 / 3)
    assert check.feedback["options"][0] == {"mark": "wrong", "says": f"Not place {swapped[0]}.", "why": ""}


# being shown


@pytest.mark.parametrize("name", sorted(MADE_UP))
def test_show_me_tells_everything_and_ends_the_scoring(ask, name, browser_sends, tmp_path):
    check = ask(name)
    right = right_answer("lesson", name, tmp_path)
    wrong = {"one": [1], "some": [2], "sorted": ["right", "right"], "ranked": right[1:] + right[:1]}[name]
    check.answer(*wrong)
    score = check.score
    assert score < 1
    browser_sends(check, {"show": True})
    assert check.score == score and all(reasons(check))
    for said, option in zip(
        check.feedback["options"], questions.load("lesson", name, tmp_path).options, strict=True
    ):
        if name in ("one", "some"):
            # a cross stands at a wrong choice, never at the right option
            assert said["mark"] != ("wrong" if option.key else "right")
        else:
            assert str(option.key) in said["says"]
    check.answer(*right)
    assert check.score == score and "doesn't count" in check.feedback["verdict"]


@pytest.mark.parametrize("name", sorted(MADE_UP))
def test_show_me_before_any_answer(ask, name):
    check = ask(name)
    check.show()
    assert check.score is None and all(reasons(check)) and "wrong" not in marks(check)


@pytest.mark.parametrize("name", sorted(MADE_UP))
def test_the_same_answer_twice_is_answered_twice(ask, name, browser_sends, tmp_path):
    check = ask(name)
    answer = right_answer("lesson", name, tmp_path)
    first = browser_sends(check, {"answer": answer}), check.feedback
    assert (browser_sends(check, {"answer": answer}), check.feedback) == first


def test_another_view_knows_what_was_given(ask):
    check = ask("some")
    check.answer(1, 2)
    assert check.feedback["given"] == [1, 2]


def test_the_order_shown_is_the_same_in_every_kernel(ask):
    assert ask("ranked").options == ask("ranked").options


# answers that are none


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("one", (), "has 0 options: it must have exactly one"),
        ("one", (1, 2), "has 2 options"),
        ("one", (0,), "option 0: it must be from 1 to 3"),
        ("one", (4,), "option 4"),
        ("one", ("second",), "option 'second'"),
        ("some", (1, 5), "option 5: it must be from 1 to 4"),
        ("some", (-1,), "option -1"),
        ("sorted", ("left",), "each of the 2 statements"),
        ("sorted", ("left", "up"), "one of left, right"),
        ("ranked", (1, 2), "each of the 3 statements"),
        ("ranked", (1, 1, 2), "each of 1 to 3 must be given once"),
        ("ranked", (1, 2, 4), "one of 1, 2, 3"),
    ],
)
def test_what_is_no_answer_is_refused_and_the_last_one_stands(
    ask, name, answer, said, browser_sends, tmp_path
):
    check = ask(name)
    assert said in browser_sends(check, {"answer": list(answer)})["error"] and check.score is None
    check.answer(*right_answer("lesson", name, tmp_path))
    told = check.feedback
    with pytest.raises(ValueError, match="must"):
        check.answer(*answer)
    assert said in browser_sends(check, {"answer": list(answer)})["error"]
    assert check.score == 1 and check.feedback == told


def test_answered_in_the_browser(ask, browser_sends):
    check = ask("one")
    browser_sends(check, {"answer": [1]})
    assert check.score == 0
    browser_sends(check, {"answer": [2]})
    assert check.score == 1


@pytest.mark.parametrize(
    ("lesson", "name", "said"),
    [
        ("99_nothing", "one", "no questions for lesson '99_nothing': it must be one of 00_start_here"),
        ("01_epidemic_spread", "nothing", "no question 'nothing': it must be one of growth"),
    ],
)
def test_unknown_questions_are_refused(lesson, name, said):
    with pytest.raises(ValueError, match=said):
        KnowledgeCheck(lesson, name)


# the key


@pytest.mark.parametrize(("lesson", "name"), ALL)
def test_the_browser_and_the_stored_page_hold_no_key_before_an_answer(lesson, name):
    check = KnowledgeCheck(lesson, name)
    data, metadata = check._repr_mimebundle_()
    state = {key: value for key, value in check.get_state().items() if key not in ("_esm", "_css")}
    out = json.dumps([state, data, metadata], ensure_ascii=False)
    for option in questions.load(lesson, name).options:
        assert json.dumps(option.why, ensure_ascii=False)[1:-1] not in out
    assert state["feedback"] == {}
    own = {key for key in state if not key.startswith("_")} - {"layout", "tabbable", "tooltip"}
    assert own == {"prompt", "how", "kind", "options", "choices", "feedback"}
    assert all(isinstance(option, str) for option in state["options"])


@pytest.mark.parametrize(("lesson", "name"), [each for each in ALL if questions.load(*each).kind != "order"])
def test_what_is_shown_before_an_answer_does_not_depend_on_the_key(lesson, name, tmp_path):
    raw = json.loads((questions.FOLDER / f"{lesson}.json").read_text(encoding="utf-8"))[name]
    options = raw["options"]
    keys = [option.get("right", option.get("category")) for option in options]
    turned = [
        option | {"right" if "right" in option else "category": key, "why": "other"}
        for option, key in zip(options, keys[1:] + keys[:1], strict=True)
    ]
    (tmp_path / "turned.json").write_text(json.dumps({name: raw | {"options": turned}}), encoding="utf-8")
    other = KnowledgeCheck("turned", name, folder=tmp_path)
    assert other.still() == KnowledgeCheck(lesson, name).still()


@pytest.mark.parametrize("name", sorted(MADE_UP))
def test_faces_before_and_after(ask, name, page, tmp_path):
    check = ask(name)
    data, _ = check._repr_mimebundle_()
    assert "why-" not in data["text/html"] + data["text/plain"]
    assert all(text in data["text/plain"] for text in check.options)
    assert "Run the notebook to answer." in data["text/html"]
    html = page(data["text/html"])
    assert not html.tags & {"of", "script"} and check.prompt in "".join(html.words)
    check.answer(*right_answer("lesson", name, tmp_path))
    after, _ = check._repr_mimebundle_()
    for option in MADE_UP[name]["options"]:
        assert option["why"] in after["text/plain"] and option["why"] in after["text/html"]
    assert check.feedback["verdict"] in after["text/plain"]


# the questions of the lessons


@pytest.mark.parametrize(("lesson", "name"), ALL)
def test_the_key_of_each_question_answers_it(lesson, name):
    check = KnowledgeCheck(lesson, name)
    check.answer(*right_answer(lesson, name))
    assert check.score == 1 and all(reasons(check))
    question = questions.load(lesson, name)
    for option, said in zip(question.options, check.feedback["options"], strict=True):
        assert said["why"] == option.why and len(option.why.split()) >= 4


@pytest.mark.parametrize(("lesson", "name"), ALL)
def test_each_question_is_well_made(lesson, name):
    question = questions.load(lesson, name)
    texts = [option.text for option in question.options]
    assert len(set(texts)) == len(texts) >= 2
    assert question.prompt.strip() and all(text.strip() for text in texts)
    if question.kind == "single":
        assert sum(option.key for option in question.options) == 1
    if question.kind == "match":
        assert {option.key for option in question.options} == set(question.choices)


def test_each_lesson_with_questions_has_a_notebook(root):
    lessons = {path.stem for path in (root / "notebooks").glob("*.ipynb")}
    assert set(questions.lessons()) <= lessons


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda q: q.update(kind="essay"), "kind is 'essay': it must be one of"),
        (lambda q: q.update(hint="no"), "fields are"),
        (lambda q: q.pop("prompt"), "fields are"),
        (lambda q: q.update(options=q["options"][:1]), "at least two"),
        (lambda q: q["options"][0].pop("why"), "fields are"),
        (lambda q: q["options"][0].update(why=""), "why"),
        (lambda q: q["options"][0].update(text=" "), "text"),
        (lambda q: q["options"][0].update(right=True), "exactly one"),
        (lambda q: q["options"][1].update(right=False), "exactly one"),
        (lambda q: q["options"][0].update(right="yes"), "right"),
    ],
)
def test_files_that_break_the_rules_are_refused(change, said, tmp_path):
    question = json.loads(json.dumps(MADE_UP["one"]))
    change(question)
    (tmp_path / "lesson.json").write_text(json.dumps({"one": question}), encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        KnowledgeCheck("lesson", "one", folder=tmp_path)


def test_a_category_that_is_none_of_the_categories_is_refused(tmp_path):
    question = json.loads(json.dumps(MADE_UP["sorted"]))
    question["options"][0]["category"] = "up"
    (tmp_path / "lesson.json").write_text(json.dumps({"q": question}), encoding="utf-8")
    with pytest.raises(ValueError, match="'up': it must be one of left, right"):
        KnowledgeCheck("lesson", "q", folder=tmp_path)
