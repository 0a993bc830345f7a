"""The course in a browser alone: JupyterLite, its notebooks and its wheel, built by ``python -m gossipkit.lab.lite OUT``."""
