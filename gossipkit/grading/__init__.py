"""The instructor's command, and the checks that exercises are written with.

``python -m gossipkit.grading release`` makes ``exercises/`` from ``solutions/``; ``grade`` marks a folder of
submissions. An exercise's own test cells use `equal`, `close`, `holds`, `hidden_tests_follow` and `form_only`.
"""

from .properties import PropertyFailed, close, equal, form_only, hidden_tests_follow, holds

__all__ = ["PropertyFailed", "close", "equal", "form_only", "hidden_tests_follow", "holds"]
