"""Turns the messages of a kernel into the outputs a notebook keeps.

One display keeps one output, in its last state; neighbouring pieces of a stream become one; no
colours, no transient data. Leaves out talking to the kernel: that is run.py.
"""

from __future__ import annotations

import json

import nbformat
from notebook_file import plain_text


class Outputs:
    """Collects outputs of the cells of one notebook, in order of arrival."""

    def __init__(self) -> None:
        self._cell = None
        self._clear_next = False
        self._displays: dict[str, list] = {}

    def begin(self, cell) -> None:
        """What arrives from now on belongs to this cell."""
        self._cell = cell
        self._clear_next = False
        cell.outputs = []

    def take(self, message: dict) -> None:
        """Adds what one message brings; messages that bring no output are passed over.

        What a notebook cannot hold is told as text: a notebook with it could not be read again.
        """
        kind, content = message["msg_type"], message["content"]
        try:
            self._take(kind, content)
        except (nbformat.ValidationError, AttributeError, LookupError, TypeError) as error:
            why = str(error).strip().splitlines()[0]
            told = f"must be valid in format 4.5 ({why}), got {json.dumps(content)}"
            self._stream("stderr", f"Cannot keep {kind}: {told}\n")

    def _take(self, kind: str, content: dict) -> None:
        if kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self._clear()
        elif kind == "update_display_data":
            self._update(content)
        elif kind == "stream":
            self._clear_if_asked()
            self._stream(content["name"], plain_text(content["text"]))
        elif kind in ("display_data", "execute_result", "error"):
            self._clear_if_asked()
            self._add(kind, content)

    def _add(self, kind: str, content: dict) -> None:
        if kind == "error":
            output = nbformat.v4.new_output(
                "error",
                ename=content["ename"],
                evalue=plain_text(content["evalue"]),
                traceback=[plain_text(line) for line in content["traceback"]],
            )
        else:
            output = nbformat.v4.new_output(kind, **_shown(content))
            if kind == "execute_result":
                output.execution_count = self._cell.execution_count
        self._cell.outputs.append(output)
        display = (content.get("transient") or {}).get("display_id")
        if display is not None:
            self._displays.setdefault(display, []).append(output)

    def _update(self, content: dict) -> None:
        display = (content.get("transient") or {}).get("display_id")
        last = nbformat.v4.new_output("display_data", **_shown(content))
        for output in self._displays.get(display, []):
            output.data, output.metadata = last.data, last.metadata

    def _stream(self, name: str, text: str) -> None:
        last = self._cell.outputs[-1] if self._cell.outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self._cell.outputs.append(nbformat.v4.new_output("stream", name=name, text=text))

    def _clear_if_asked(self) -> None:
        if self._clear_next:
            self._clear()

    def _clear(self) -> None:
        self._cell.outputs = []
        self._clear_next = False


def _shown(content: dict) -> dict:
    """The bundle of a message with plain text free of colours, and what is said about it."""
    data = content["data"]
    text = data.get("text/plain")
    if isinstance(text, str):
        data = {**data, "text/plain": plain_text(text)}
    return {
        "data": nbformat.from_dict(data),
        "metadata": nbformat.from_dict(content.get("metadata") or {}),
    }
