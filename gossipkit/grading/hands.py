"""What a person gave in nbgrader's formgrader, and for which text: a table of its own in the gradebook.

The formgrader keeps one mark a task, whatever is handed in later. So for each task it is noted which text the formgrader has
shown since the last call: a mark that is found there judged that text.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace

from nbgrader.api import Comment, Grade
from sqlalchemy import Column, Float, MetaData, String, Table, delete, insert, select
from sqlalchemy.orm import Session

from .results import Mark

KEY = ("student", "assignment", "task")
TABLE = Table(
    "gossipkit_by_hand",
    MetaData(),
    *(Column(name, String, primary_key=True) for name in KEY),
    *(Column(name, String) for name in ("shown", "judged", "comment")),
    *(Column(name, Float) for name in ("points", "bonus", "maximum")),
)


@dataclass(frozen=True)
class Hand:
    """A mark that a person gave.

    Parameters
    ----------
    shown : str
        A digest of the text that the formgrader shows.
    judged : str
        Of the text that the mark is for.
    points, bonus : float or None
        None where none were given.
    maximum : float or None
        Of the task, when it was given.
    comment : str or None
    """

    shown: str
    judged: str = ""
    points: float | None = None
    bonus: float | None = None
    maximum: float | None = None
    comment: str | None = None

    @property
    def given(self) -> bool:
        """Whether there is a mark."""
        return self.points is not None or bool(self.bonus)

    @property
    def said(self) -> str:
        """The mark in words."""
        points = "no points" if self.points is None else f"{self.points:g} of {self.maximum:g} points"
        bonus = f" and {self.bonus:g} extra" if self.bonus else ""
        return points + bonus + (f": {self.comment}" if self.comment else "")


class Hands:
    """The marks by hand of a gradebook, read at once; what is learnt of them can be written into the session given."""

    def __init__(self, session: Session):
        self.session = session
        self.learnt: dict[tuple[str, str, str], Hand] = {}
        TABLE.create(session.connection(), checkfirst=True)
        rows = session.execute(select(TABLE)).mappings()
        self.known = {
            (row["student"], row["assignment"], row["task"]): Hand(
                **{one.name: row[one.name] for one in fields(Hand)}
            )
            for row in rows
        }

    def of(
        self, student: str, assignment: str, mark: Mark, grade: Grade, comment: Comment | None, text: str
    ) -> Hand:
        """The mark of a task. In the formgrader it is taken away if it judged another text, and given back if it judged this."""
        key = (student, assignment, mark.task)
        known = self.known.get(key, Hand(text))
        hand = Hand(
            text,
            known.shown,
            grade.manual_score,
            grade.extra_credit,
            mark.maximum,
            comment.manual_comment if comment is not None else None,
        )
        found = hand.given
        if found and hand.points == known.points:
            hand = replace(hand, maximum=known.maximum)
        elif not found and known.given and not known.shown == known.judged == text:  # else it was taken back
            hand = replace(known, shown=text)
        elif not found:
            hand = Hand(text)
        counts = hand.given and hand.judged == text
        if counts != found:
            grade.manual_score = hand.points if counts else None
            grade.extra_credit = hand.bonus if counts else None
            if comment is not None:
                comment.manual_comment = hand.comment if counts else None
        if hand != self.known.get(key):
            self.learnt[key] = hand
        return hand

    def write(self) -> None:
        """Write what was learnt into the session: all of it in one go, where each row for itself takes much longer."""
        rows = []
        for key, hand in self.learnt.items():
            where = dict(zip(KEY, key, strict=True))
            if key in self.known:
                self.session.execute(delete(TABLE).filter_by(**where))
            rows.append(where | asdict(hand))
        if rows:
            self.session.execute(insert(TABLE), rows)
