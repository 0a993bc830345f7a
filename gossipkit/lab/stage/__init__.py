"""The stage: a running cluster that is watched and broken in the browser.

==============  ======================================================================================================
``stage``       the widget: what the browser asks, one run for many quick requests
``drafts``      steps, sliders, undo and redo, as values
``requests``    a desk at which requests lie until somebody works on them
``play``        a scenario, a seed and parameters become a run of a window
``columns``     a trace as columns of numbers
``told``        a run as the browser takes it
``story``       what happened, in plain words
``actions``     what can be done, as forms
``claims``      when a claim of the reading loop is seen
``ask``         what one node knows at a time
``cast``        what a family shows; ``families`` finds it: ``swim``, ``consul``, ``cassandra``, ``dynamo``,
                ``redis_cluster``, ``bare``, ``transfer``, ``trust``, ``sealed``
``quorums``     which share of a ring has a clean quorum
``broken``      one cell of the matrix of switched-off mechanisms
``spacetime``   Lamport's diagram of any trace
``still``       what is left where no kernel runs
==============  ======================================================================================================
"""

from .broken import broken
from .spacetime import spacetime
from .stage import Stage, beside

__all__ = ["Stage", "beside", "broken", "spacetime"]
