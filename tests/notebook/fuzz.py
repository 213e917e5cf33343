"""Gives hostile notebook files to the runner's reader: each is read or refused in one line.

    python tests/notebook/fuzz.py COUNT [FIRST_SEED]

Ends with "N inputs, N failures".
"""

import contextlib
import copy
import io
import json
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "notebook"))
from notebook_file import keep_home_clean, read_notebook

keep_home_clean()
valid = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "deno", "display_name": "Deno"}},
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Hi\n", "there"]},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": 1,
            "source": "1",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["x\n"]}],
        },
    ],
}
odd = [None, True, -1, 1.5, 1e308, float("nan"), "", "\u0000", "\ud83d", "a", "<script>", [], {}, [[[[]]]], {"a": {"b": {}}}, "x" * 9999]


def mutate(value, rng):
    """A copy with a few odd values, missing and unknown fields at any depth."""
    if rng.random() < 0.06:
        return copy.deepcopy(rng.choice(odd))
    if isinstance(value, list):
        return [mutate(item, rng) for item in value]
    if isinstance(value, dict):
        kept = {key: mutate(item, rng) for key, item in value.items() if rng.random() > 0.03}
        if rng.random() < 0.1:
            kept["unknown"] = copy.deepcopy(rng.choice(odd))
        return kept
    return value


def hostile(rng):
    data = json.dumps(mutate(valid, rng)).encode()
    kind = rng.randrange(8)
    if kind == 0:
        return data[: rng.randrange(len(data) + 1)]
    if kind == 1:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(200)))
    if kind == 2:
        return b"[" * rng.randrange(200_000)
    if kind == 3:
        at = rng.randrange(len(data) + 1)
        return data[:at] + bytes(rng.randrange(256) for _ in range(8)) + data[at:]
    return data


def failure(path):
    """What went wrong with reading this file, or None."""
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            notebook = read_notebook(path)
    except SystemExit as end:
        lines = told.getvalue().strip().splitlines()
        if end.code != 2 or len(lines) != 1 or not lines[0].startswith("Cannot read notebook "):
            return f"exit {end.code}: {told.getvalue()[:300]!r}"
        return None
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    if not all(isinstance(cell.source, str) for cell in notebook.cells):
        return "read, but a cell has no source"
    if len({cell.id for cell in notebook.cells}) < len(notebook.cells):
        return "read, but two cells have one id"
    try:
        json.dumps(notebook, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        return f"read, but cannot be written: {error}"
    return None


count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
failures = 0
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a.ipynb"
    for seed in range(first, first + count):
        path.write_bytes(hostile(random.Random(seed)))
        why = failure(path)
        if why:
            failures += 1
            print(f"seed {seed}: {why}")
print(f"{count} inputs, {failures} failures")
sys.exit(1 if failures else 0)
