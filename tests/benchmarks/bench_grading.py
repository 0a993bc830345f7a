"""A class of 500, graded: this command against plain ``nbgrader autograde`` on the same submissions, in one run.

``python tests/benchmarks/bench_grading.py [STUDENTS]`` makes submissions of one assignment (right ones, wrong ones, a few
that crash), grades them, grades them again while being killed twice, compares the marks, and then lets nbgrader do it. The
last part takes by far the longest.
"""

import csv
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import nbformat
import psutil

from gossipkit.grading.course import assignments
from gossipkit.grading.gradebook import make_course

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "epidemics"
WRONG = [
    ("one-round", "call.target in knows", "call.target in after"),
    ("one-round", "messages += 1", "messages += 2"),
    ("measurement", "1 - float(run.coverage.mean())", "float(run.coverage.mean())"),
    ("reason", '"B"', '"C"'),
    ("settings", '"fanout": 5', '"fanout": 3'),
    ("measurement", "never_told = {}", "import os; os._exit(3)"),
]


def make_class(folder, students):
    """Notebooks of a class: every second one is right, the others have one of the faults above."""
    released = nbformat.read(ROOT / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    source = nbformat.read(ROOT / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    answers = {cell.id: cell.source for cell in source.cells}
    for number in range(students):
        notebook = nbformat.from_dict(released)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = answers[cell.id] + f"\n# student {number}" * (cell.cell_type == "code")
                name, right, wrong = WRONG[number // 2 % len(WRONG)]
                if number % 2 and cell.id == name:
                    cell.source = cell.source.replace(right, wrong)
        nbformat.write(notebook, folder / f"student-{number:03}.ipynb")


class Watched:
    """A command with its children: seconds on the clock, and the peak of their memory (proportional set size)."""

    def __init__(self, *command, cwd):
        self.begun, self.peak = time.perf_counter(), 0
        self.process = psutil.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def look(self):
        """Take a sample of the memory; whether the command still runs."""
        taken = 0
        try:
            for process in [self.process, *self.process.children(recursive=True)]:
                try:
                    taken += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
        except psutil.NoSuchProcess:
            pass
        self.peak = max(self.peak, taken)
        time.sleep(0.2)
        return self.process.poll() is None

    def finish(self):
        """Wait for the end; seconds and bytes."""
        while self.look():
            pass
        return time.perf_counter() - self.begun, self.peak


def graded(out):
    return [
        sys.executable,
        "-m",
        "gossipkit.grading",
        "grade",
        str(out.parent / "submissions"),
        "--out",
        str(out),
    ]


def row(name, students, seconds, peak):
    print(
        f"{name:38} {seconds:8.1f} s {60 * students / seconds:8.1f} a minute {peak / 1e6:8.0f} MB at most",
        flush=True,
    )


def main(students):
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        (place / "submissions").mkdir()
        make_class(place / "submissions", students)

        whole, peak = Watched(*graded(place / "whole"), cwd=ROOT).finish()
        row(f"this command, {psutil.cpu_count()} cores", students, whole, peak)

        spent = 0.0
        for share in (1 / 3, 2 / 3):
            run = Watched(*graded(place / "killed"), cwd=ROOT)
            while run.look() and len(list(place.glob("killed/results/*/*.json"))) < share * students:
                pass
            run.process.kill()
            run.process.wait()
            spent += time.perf_counter() - run.begun
            print(f"  killed with {len(list(place.glob('killed/results/*/*.json')))} results kept")
        seconds, peak = Watched(*graded(place / "killed"), cwd=ROOT).finish()
        row("the same, killed twice and resumed", students, spent + seconds, peak)
        once, twice = ((place / name / "marks.csv").read_text("utf-8") for name in ("whole", "killed"))
        print(f"  marks the same: {once == twice}, {len(list(csv.reader(once.splitlines()))) - 1} rows")

        make_course(place / "plain", [one for one in assignments(ROOT) if one.name == ASSIGNMENT])
        for path in (place / "submissions").iterdir():
            home = place / "plain" / "submitted" / path.stem / ASSIGNMENT
            home.mkdir(parents=True)
            (home / f"{ASSIGNMENT}.ipynb").write_bytes(path.read_bytes())
        nbgrader = Path(sysconfig.get_path("scripts")) / "nbgrader"
        seconds, peak = Watched(
            sys.executable, str(nbgrader), "autograde", ASSIGNMENT, cwd=place / "plain"
        ).finish()
        row("nbgrader autograde", students, seconds, peak)
        done = len(list(place.glob(f"plain/autograded/*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")))
        print(f"  {done} of them have an autograded notebook")
        print(f"ratio of the times: {seconds / whole:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
