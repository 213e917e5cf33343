"""The page of records: what each run was, and how it ended.

Leaves out reading a whole record: that is lib/trainer/record.ts.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from pages import Page, region
from places import RECORDS, Places

# Columns of their own have these; how often a run is measured is no part of what it is.
_apart = ("scale", "seed", "steps", "recipe", "evaluation")


def records_page(files: list[Path], places: Places) -> Page:
    page = Page(RECORDS, "Records", "Records")
    read = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in sorted(files)}
    headers = {name: json.loads(lines[0]) for name, lines in read.items()}
    # A run that others go on from is told by its name.
    names = {_key(_given(header)): name for name, header in headers.items()}
    rows = "\n".join(
        _row(name, headers[name], json.loads(lines[-1]), names, places) for name, lines in read.items()
    )
    columns = ["record", "scale", "seed", "steps", "loss", "accuracy", "what is not as usual"]
    head = "".join(f"<th>{column}</th>" for column in columns)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    page.body = (
        "<h1>Records</h1>"
        "<p>Every number of this site is read from records: a line that says what was run, then one "
        "a measurement. They are the files <code>data/runs/RECORD.jsonl</code> of the project. Loss "
        "(nats a value) and accuracy are those of the last measurement, of people the model was "
        "trained on, in sentences that are held out; of toy memories, of old pairs.</p>"
        + region(page, table, "Records")
    )
    return page


def _given(header: dict) -> dict:
    """What was given of a configuration; older records have the whole of it alone."""
    return header.get("essence", header["configuration"])


def _key(given: dict) -> str:
    return json.dumps(given, sort_keys=True)


def _row(record: str, header: dict, last: dict, names: dict[str, str], places: Places) -> str:
    configuration, given = header["configuration"], _given(header)
    unusual = {
        name: {**value, "run": names.get(_key(value["run"]), value["run"])}
        if isinstance(value, dict) and "run" in value
        else value
        for name, value in given.items()
        if name not in _apart
    }
    said = re.sub(r'"(\w+)":', r"\1:", json.dumps(unusual, ensure_ascii=False)[1:-1])
    known = last["sets"].get("held-out") or last["sets"]["old"]
    cells = [
        f"<code>{record}</code>",
        configuration.get("scale", "toy"),
        configuration["seed"],
        last["step"],
        f"{known['loss']:.3g}",
        f"{known['accuracy']:.3g}",
        f"<code>{places.with_records(html.escape(said))}</code>",
    ]
    return f'<tr id="{record}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
