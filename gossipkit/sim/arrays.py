"""numpy, for modules that are imported with the engine but compute with it only when asked: ``from ..sim.arrays import np``.

A page in a browser runs a cluster before numpy is loaded, and without it. There the import still succeeds, and what needs
numpy says so when it is called.
"""

try:
    import numpy as np
except ModuleNotFoundError:

    class _Missing:
        def __getattr__(self, name: str):
            if name.startswith("__"):  # whoever looks at objects, such as doctest, asks for these
                raise AttributeError(name)
            raise ModuleNotFoundError(
                f"numpy is not installed here, and this computes with it (numpy.{name}): install numpy, then begin anew",
                name="numpy",
            )

    np = _Missing()

__all__ = ["np"]
