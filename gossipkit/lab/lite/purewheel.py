"""Wheels for a Python in the browser, made of the packages that are installed here, so that nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

COMPILED = (".so", ".pyd", ".dylib")
# their compiled modules make them faster, and nothing else
FASTER_COMPILED = {"psygnal", "wcwidth"}
# what an installer writes of itself
OF_THE_INSTALLER = {"RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json"}
BROWSER = {
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "platform_machine": "wasm32",
    "os_name": "posix",
    "python_version": "3.14",
    "python_full_version": "3.14.2",
}
NOT_BEFORE_1980 = (1980, 1, 1, 0, 0, 0)


def pack(name: str, folder: Path) -> Path:
    """Make a wheel for any platform of an installed package.

    Parameters
    ----------
    name : str
        The package, as it is installed here.
    folder : pathlib.Path
        Where the wheel is written.

    Returns
    -------
    pathlib.Path
        The wheel, the same bytes for the same package.

    Raises
    ------
    LookupError
        When the package is not installed, or is compiled.
    """
    found = _installed(name)
    parts = _parts(name, found)
    stem = f"{canonicalize_name(name).replace('-', '_')}-{found.version}"
    info = f"{stem}.dist-info"
    parts = {
        str(PurePosixPath(info, *at.parts[1:]) if _is_info(at) else at): data for at, data in parts.items()
    }
    parts[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: gossipkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = [f"{at},sha256={_digest(data)},{len(data)}" for at, data in sorted(parts.items())]
    parts[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, data in parts.items():
            archive.writestr(zipfile.ZipInfo(at, NOT_BEFORE_1980), data, zipfile.ZIP_DEFLATED)
    return wheel


def needed(names: list[str], there: set[str]) -> tuple[list[str], list[str]]:
    """What these packages need in a browser, themselves included, beyond the packages that are there.

    Parameters
    ----------
    names : list of str
        Requirements, such as ``gossipkit[kernel]``.
    there : set of str
        Canonical names of the packages that Pyodide brings.

    Returns
    -------
    pure, compiled : list of str
        What can be packed here, and what can't because it is compiled or not installed; each in alphabetical order.
    """
    pure, compiled, waiting = set(), set(), [Requirement(name) for name in names]
    seen = set()
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name in there or (name, frozenset(asked.extras)) in seen:
            continue
        seen.add((name, frozenset(asked.extras)))
        try:
            found = _installed(name)
            _parts(name, found)
        except LookupError:
            compiled.add(name)
            continue
        pure.add(name)
        for each in map(Requirement, found.requires or []):
            environment = default_environment() | BROWSER
            if each.marker is None or any(
                each.marker.evaluate(environment | {"extra": extra}) for extra in ["", *asked.extras]
            ):
                waiting.append(each)
    return sorted(pure), sorted(compiled)


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise LookupError(f"{name} is not installed here") from None


def _parts(name: str, found: Distribution) -> dict[PurePosixPath, bytes]:
    """The files of a package that a browser's Python imports, by their place in site-packages."""
    kept = {}
    for place in found.files or []:
        at = PurePosixPath(place)
        if at.suffix in COMPILED:
            if canonicalize_name(name) not in FASTER_COMPILED:
                raise LookupError(f"{name} is compiled for this machine: {at}")
        elif (
            ".." not in at.parts  # data and scripts
            and "__pycache__" not in at.parts
            and not (_is_info(at) and at.name in OF_THE_INSTALLER)
        ):
            kept[at] = Path(place.locate()).read_bytes()
    return kept


def _is_info(at: PurePosixPath) -> bool:
    return at.parts[0].endswith(".dist-info")


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
