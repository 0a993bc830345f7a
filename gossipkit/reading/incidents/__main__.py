"""Records incidents anew: ``python -m gossipkit.reading.incidents``, or with names."""

import argparse
import json

from .recording import FOLDER, SUFFIX, load_answers, pack
from .scenes import SCENES
from .taking import Scene, take


def record(scene: type[Scene], answers: dict) -> None:
    """Store what is shown of a scene, and put its answer to the others."""
    recording, answer = take(scene())
    packed = pack(recording.dumps())
    (FOLDER / f"{scene.name}{SUFFIX}").write_bytes(packed)
    answers[scene.name] = answer.to_json()
    print(f"{scene.name}: {len(packed):,} bytes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m gossipkit.reading.incidents", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="by default all")
    chosen = parser.parse_args().names or list(SCENES)
    answers = dict(load_answers())
    for name in chosen:
        record(SCENES[name], answers)
    (FOLDER.parent / f"answers{SUFFIX}").write_bytes(
        pack(json.dumps({name: answers[name] for name in SCENES if name in answers}))
    )
