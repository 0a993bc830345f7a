"""Which pin has a wheel where: ``python -m tests.benchmarks wheels``.

A pin without a wheel has to be compiled, which most students' machines can't. Each pin of ``.constraints.txt`` is looked for on
the package index as uv would install it, for every platform and Python that the course names. Nothing is installed or stored.
"""

import re
import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).parents[2] / ".constraints.txt"
PLATFORMS = {
    "Windows amd64": "x86_64-pc-windows-msvc",
    "Windows arm64": "aarch64-pc-windows-msvc",
    "macOS arm64": "aarch64-apple-darwin",
    "macOS x86_64": "x86_64-apple-darwin",
    "Linux x86_64": "x86_64-unknown-linux-gnu",
    "Linux aarch64": "aarch64-unknown-linux-gnu",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PIN = re.compile(r"^(\S+)==([^\s;]+)", re.MULTILINE)
LACKS = re.compile(r"Because (\S+)==\S+ has no usable wheels")


def wheels(pins: str, platform: str, python: str) -> tuple[dict[str, str], list[str]]:
    """What uv would install on a platform: the version of each pin that has a wheel, and the names of those that have none.

    uv stops at the first that has none, so it is asked again without it.
    """
    lacking: list[str] = []
    while True:
        asked = "\n".join(line for line in pins.splitlines() if line.partition("==")[0] not in lacking)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "-", "--quiet", "--no-config", "--no-deps"),
                *("--no-header", "--no-annotate", "--only-binary", ":all:"),
                *("--python-platform", platform, "--python-version", python),
            ],
            input=asked,
            capture_output=True,
            text=True,
        )
        if not done.returncode:
            return dict(PIN.findall(done.stdout)), lacking
        found = LACKS.search(done.stderr)
        if not found:
            raise SystemExit(f"uv, for {platform} and Python {python}:\n{done.stderr}")
        lacking.append(found[1])


def main() -> None:
    pins = PINS.read_text(encoding="utf-8")
    names = sorted({name for name, _ in PIN.findall(pins)})
    found = {
        (platform, python): wheels(pins, asked, python)
        for platform, asked in PLATFORMS.items()
        for python in PYTHONS
    }
    wide = max(map(len, names))
    print(f"{'':{wide}}  " + "  ".join(f"{platform:24}" for platform in PLATFORMS))
    for name in names:
        row = []
        for platform in PLATFORMS:
            none = [python for python in PYTHONS if name in found[platform, python][1]]
            there = any(name in found[platform, python][0] for python in PYTHONS)
            row.append(f"none on {', '.join(none)}" if none else "wheel" if there else "not needed")
        print(f"{name:{wide}}  " + "  ".join(f"{cell:24}" for cell in row))
    holes = sum(len(lacking) for _, lacking in found.values())
    print(f"\n{len(names)} pins, {len(found)} pairs of platform and Python, {holes} without a wheel")


if __name__ == "__main__":
    main()
