"""Copies one figure of each notebook into notebooks/figures/, where README shows it.

It is the first figure of the cell with the tag `readme`.

    python tools/notebook/pictures.py [--check] NOTEBOOK ...

With --check nothing is written: it ends with 1 if a picture is not the notebook's.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from notebook_file import keep_home_clean, read_notebook

keep_home_clean()


def picture_of(path: Path) -> bytes | None:
    """The PNG of the first figure in the tagged cell's outputs."""
    for cell in read_notebook(path).cells:
        if "readme" not in cell.get("metadata", {}).get("tags", []):
            continue
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                return base64.b64decode("".join(data["image/png"]))
    return None


check = "--check" in sys.argv
failed = False
for name in sys.argv[1:]:
    if name == "--check":
        continue
    path = Path(name)
    picture, target = picture_of(path), path.parent / "figures" / f"{path.stem}.png"
    if picture is None:
        print(f"Cannot copy the figure of {path}: a cell tagged readme must have one; run the notebook")
        failed = True
    elif check and (not target.exists() or target.read_bytes() != picture):
        print(f"{target} is not the figure of {path}: python tools/notebook/pictures.py {path}")
        failed = True
    elif not check:
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(picture)
        print(f"written {target}")
sys.exit(1 if failed else 0)
