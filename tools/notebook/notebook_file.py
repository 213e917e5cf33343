"""Reads and writes notebook files: refuses broken ones in one line, writes whole ones or nothing.

Leaves out what is in the cells: run.py runs them, export.py shows them.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import tempfile
import uuid
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import NoReturn

root = Path(__file__).resolve().parents[2]
largest = 64 * 1024 * 1024


def keep_home_clean() -> None:
    """Leaves Jupyter the checkout's own kernel and folders; call it before any Jupyter import.

    What the environment says of others is forgotten, but for how to reach a server. What Jupyter
    writes goes into the folder of FACTLAB_OUT if there is one: the checkout may be read-only.
    """
    for name in list(os.environ):
        kept = name in ("JUPYTER_TOKEN", "JUPYTER_PORT")
        if name.startswith(("JUPYTER_", "JUPYTERLAB_", "IPYTHON")) and not kept:
            del os.environ[name]
    cache = root / (os.environ.get("FACTLAB_OUT") or ".cache") / "jupyter"
    for name in ("CONFIG", "DATA", "RUNTIME"):
        os.environ[f"JUPYTER_{name}_DIR"] = str(cache / name.lower())
    os.environ["IPYTHONDIR"] = str(cache / "ipython")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    try:
        # IPython makes its own folder, but warns where the one above is missing.
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        pass  # Whoever has to write there says so.


def refuse(path: Path, reason: str) -> NoReturn:
    """Ends the program: this file is not a notebook to work with."""
    print(f"Cannot read notebook {path}: {reason}", file=sys.stderr)
    raise SystemExit(2)


def read_notebook(path: Path, *, outputs: bool = True):
    """The notebook in format 4.5, every cell with an id of its own, in text that a file can hold.

    Without outputs, those of code cells are left out, whatever they are: they are made anew.
    """
    import nbformat
    from nbformat.v4.rwbase import rejoin_lines

    try:
        bytes_in_file = path.stat().st_size
        if bytes_in_file > largest:
            refuse(path, f"file must be at most {largest} bytes, got {bytes_in_file}")
        raw = _whole(json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        refuse(path, error.strerror or str(error))
    except (ValueError, RecursionError) as error:
        refuse(path, f"must be JSON in UTF-8 ({error.__class__.__name__})")

    if not isinstance(raw, dict) or raw.get("nbformat") != 4:
        version = raw.get("nbformat") if isinstance(raw, dict) else None
        refuse(path, f"nbformat must be 4, got {json.dumps(version)[:40]}. Save it in JupyterLab")
    cells = raw.get("cells")
    if not isinstance(cells, list) or not cells:
        refuse(path, "must have cells")
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            refuse(path, f"cell {number} must be an object")
        if not outputs and cell.get("cell_type") == "code":
            cell["outputs"] = []
    _identify(cells)
    raw["nbformat_minor"] = 5
    try:
        notebook = rejoin_lines(nbformat.from_dict(raw))
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        refuse(path, f"not valid in format 4.5: {_place(error)}{_first_line(error)}")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        refuse(path, f"not valid in format 4.5: {_first_line(error)}")
    for cell in notebook.cells:
        cell.source = cell.source.replace("\r\n", "\n")
    return notebook


def title_of(notebook, path: Path) -> str:
    """The first heading of the highest level, or else the file's name."""
    for cell in notebook.cells:
        heading = re.search(r"^#\s+(.+)$", cell.source, flags=re.M)
        if cell.cell_type == "markdown" and heading:
            return heading[1].strip()
    return path.stem


@contextmanager
def within(place: str):
    """What is refused in the block is refused by the name of this place."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _whole(value):
    """The value in characters and numbers that every reader knows.

    JSON can name half a character, which no file can hold: it becomes U+FFFD. NaN and infinity,
    which Python writes, are not JSON: they become null, which is a gap to Plotly.
    """
    text = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(text.decode("utf-16", "replace"), parse_constant=lambda _: None)


def _identify(cells: list[dict]) -> None:
    """Gives an id to cells without a valid one of their own; the first of equal ones keeps it."""
    taken = {str(cell.get("id")) for cell in cells}
    seen: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        own = cell.get("id")
        if not isinstance(own, str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", own) or own in seen:
            names = (f"cell-{at}" for at in itertools.count(number))
            own = next(name for name in names if name not in taken)
        cell["id"] = own
        taken.add(own)
        seen.add(own)


def _place(error) -> str:
    """Where in the notebook, counted from one; and what to do about an output."""
    match list(error.absolute_path):
        case ["cells", cell, "outputs", output, *_]:
            return f"cell {cell + 1}, output {output + 1} (run the notebook again): "
        case ["cells", cell, *_]:
            return f"cell {cell + 1}: "
    return ""


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def notebook_text(notebook) -> str:
    """The file's text: as Jupyter writes it, but outputs that are JSON take one line each, not one a number."""
    import nbformat

    mark, lines = uuid.uuid4().hex, []
    copy = deepcopy(notebook)
    for output in (output for cell in copy.cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        for kind in (kind for kind in data if kind.endswith("+json")):
            lines.append(json.dumps(data[kind], ensure_ascii=False, separators=(",", ":")))
            data[kind] = f"{mark}{len(lines) - 1}"
    text = nbformat.writes(copy) + "\n"
    return re.sub(f'"{mark}(\\d+)"', lambda found: lines[int(found[1])], text)


def write_whole(path: Path, text: str) -> None:
    """Writes the text beside its place, then moves it there: readers never see half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # Half a character, which some kernel may send, becomes its escape in JSON.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        os.chmod(draft, mode)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def writable(path: Path) -> bool:
    """Whether a file can be written there: asked before the work, not after it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return not path.is_dir() and os.access(path.parent, os.W_OK)


_colours = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def plain_text(text: str) -> str:
    """Text without terminal colours and without the folder this checkout happens to be in."""
    return _colours.sub("", text).replace(f"file://{root}/", "").replace(f"{root}/", "")
