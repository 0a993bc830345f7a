"""What a notebook shows.

========================  ============================================================================================
`Chart`                   a picture with alt text, numbers in words and a data table, drawn live by the browser
`figures`                 pure functions from results to charts
`Panel`                   a chart that follows its controls: `Slider`, `Choice`, `Toggle`
`SpreadPlayer`            a rumour on its overlay, watched round by round; with controls: `rumor_scene` in a `Panel`
`Stage`                   a running cluster that is watched and broken; two of them with the same steps: `beside`
`broken`                  the stage of a system with one mechanism off, as in a comparison of systems
`spacetime`               Lamport's diagram of any trace
`KnowledgeCheck`          a question with feedback for every option, its key kept in a data file
`LabQuestion`             a question beside a panel or a stage: hints in three steps, and what was to be seen
`Hints`                   the same three steps for a task of an exercise
`Prediction`              a bet that is kept and scored against the run
`Progress`                what the student has run, bet, checked and written; a line for a lesson, a page for the course
`selftest`                does this installation work?
========================  ============================================================================================
"""

from . import figures
from .chart import Chart
from .check import KnowledgeCheck
from .controls import Choice, Slider, Toggle
from .labquestion import Hints, LabQuestion
from .panel import Panel
from .player import SpreadPlayer
from .prediction import Prediction
from .progress import Progress
from .scene import rumor_scene
from .selftest import selftest
from .stage import Stage, beside, broken, spacetime

__all__ = [
    "Chart",
    "Choice",
    "Hints",
    "KnowledgeCheck",
    "LabQuestion",
    "Panel",
    "Prediction",
    "Progress",
    "Slider",
    "SpreadPlayer",
    "Stage",
    "Toggle",
    "beside",
    "broken",
    "figures",
    "rumor_scene",
    "selftest",
    "spacetime",
]
