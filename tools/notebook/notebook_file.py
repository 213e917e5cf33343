"""Reads and writes notebook files: refuses broken ones in one line, writes whole ones or nothing.

Leaves out what is in the cells: run.py runs them, export.py shows them.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

root = Path(__file__).resolve().parents[2]
largest = 64 * 1024 * 1024


def keep_home_clean() -> None:
    """Points Jupyter's own folders into the checkout; call it before any Jupyter import."""
    cache = root / ".cache" / "jupyter"
    for name in ("CONFIG", "DATA", "RUNTIME"):
        os.environ[f"JUPYTER_{name}_DIR"] = str(cache / name.lower())
    cache.mkdir(parents=True, exist_ok=True)
    os.environ["IPYTHONDIR"] = str(cache / "ipython")
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")


def refuse(path: Path, reason: str) -> NoReturn:
    """Ends the program: this file is not a notebook to work with."""
    print(f"Cannot read notebook {path}: {reason}", file=sys.stderr)
    raise SystemExit(2)


def read_notebook(path: Path):
    """The notebook in format 4.5, every cell with an id."""
    import nbformat
    from nbformat.v4.rwbase import rejoin_lines

    try:
        bytes_in_file = path.stat().st_size
        if bytes_in_file > largest:
            refuse(path, f"file must be at most {largest} bytes, got {bytes_in_file}")
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        refuse(path, error.strerror or str(error))
    except (ValueError, RecursionError) as error:
        refuse(path, f"must be JSON in UTF-8 ({error.__class__.__name__})")

    if not isinstance(raw, dict) or raw.get("nbformat") != 4:
        version = raw.get("nbformat") if isinstance(raw, dict) else None
        refuse(path, f"nbformat must be 4, got {json.dumps(version, default=str)[:40]}")
    cells = raw.get("cells")
    if not isinstance(cells, list) or not cells:
        refuse(path, "must have cells")
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            refuse(path, f"cell {number} must be an object")
        cell.setdefault("id", f"cell-{number}")
    raw["nbformat_minor"] = 5
    try:
        notebook = rejoin_lines(nbformat.from_dict(raw))
        nbformat.validate(notebook)
    except (nbformat.ValidationError, AttributeError, KeyError, TypeError, ValueError) as error:
        refuse(path, f"not valid in format 4.5: {str(error).strip().splitlines()[0]}")
    return notebook


def write_whole(path: Path, text: str) -> None:
    """Writes the text beside its place, then moves it there: readers never see half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        os.chmod(draft, mode)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


_colours = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def plain_text(text: str) -> str:
    """Text without terminal colours and without the folder this checkout happens to be in."""
    return _colours.sub("", text).replace(f"file://{root}/", "").replace(f"{root}/", "")
