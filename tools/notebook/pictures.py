"""Copies the last figure of each notebook into notebooks/figures/, where README shows it.

    python tools/notebook/pictures.py [--check] NOTEBOOK ...

With --check nothing is written: it ends with 1 if a picture is not the notebook's.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from notebook_file import keep_home_clean, read_notebook

keep_home_clean()


def last_picture(path: Path) -> bytes | None:
    """The PNG of the last figure among a notebook's outputs."""
    found = None
    for cell in read_notebook(path).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                found = base64.b64decode("".join(data["image/png"]))
    return found


check = "--check" in sys.argv
failed = False
for name in sys.argv[1:]:
    if name == "--check":
        continue
    path = Path(name)
    picture, target = last_picture(path), path.parent / "figures" / f"{path.stem}.png"
    if picture is None:
        print(f"Cannot copy the figure of {path}: it must have one; run the notebook first")
        failed = True
    elif check and (not target.exists() or target.read_bytes() != picture):
        print(f"{target} is not the figure of {path}: python tools/notebook/pictures.py {path}")
        failed = True
    elif not check:
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(picture)
        print(f"written {target}")
sys.exit(1 if failed else 0)
