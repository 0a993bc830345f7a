"""gossipkit: the engine behind the course *Gossip in Production*.

The packages are the course's reading frame: ``gossip`` is what spreads, ``authority`` what is decided, ``repair`` what
corrects, and ``systems`` composes the three on the simulated world of ``sim``. ``lab`` is what a notebook shows, and
``grading`` the instructor's command. Nothing is imported here, so that ``import gossipkit`` stays as cheap as it looks.
"""
