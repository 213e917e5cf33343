"""Runs a notebook from top to bottom and saves it with all of its outputs.

The Deno kernel says that it is idle before a cell's last messages are out, so runners that trust
`idle` lose output. This one sends a sentinel through the kernel after each cell, and takes what
arrives before it. Leaves out choosing notebooks and comparing them.

    python tools/notebook/run.py NOTEBOOK [--output PATH] [--timeout SECONDS] [--env KEY=VALUE ...]

Ends with 0 when every cell ran, 1 when one failed or took too long (nothing is written then), and
2 when the notebook itself cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from notebook_file import (
    keep_home_clean,
    notebook_text,
    plain_text,
    read_notebook,
    writable,
    write_whole,
)

sentinel_type = "application/x-factlab-sentinel"
start_seconds = 60


class Failed(Exception):
    """The notebook did not run to its end; the text says where and why."""


class KernelDied(Exception):
    """The kernel's process ended by itself; the text says in which cell."""


def run(notebook, *, cwd: Path, env: dict[str, str], timeout: float, kernel: str) -> None:
    """Runs all code cells in a fresh kernel; fills in their outputs and counts."""
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_client.manager import KernelManager

    # Whoever ends this program ends the kernel, too: it would train on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    manager = KernelManager(kernel_name=kernel)
    with tempfile.TemporaryFile() as log:
        try:
            manager.start_kernel(
                cwd=str(cwd), env={**os.environ, **env}, stdout=log, stderr=subprocess.STDOUT
            )
        except (NoSuchKernel, OSError) as error:
            raise Failed(f"Cannot start kernel {kernel}: {error}") from None
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=start_seconds)
            _run_cells(notebook, manager, client, timeout)
            _describe(notebook, manager, client)
        except RuntimeError as error:
            raise Failed(f"Cannot start kernel {kernel}: {error}\n{_tail(log)}") from None
        except KernelDied as death:
            raise Failed(f"{death}\n\n{_tail(log)}") from None
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _tail(log) -> str:
    """The last lines the kernel wrote past the notebook, such as a crash of native code."""
    log.seek(0)
    return plain_text("\n".join(log.read().decode(errors="replace").splitlines()[-20:]))


def _run_cells(notebook, manager, client, timeout: float) -> None:
    from outputs import Outputs

    outputs = Outputs()
    code = [(at, cell) for at, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    for count, (number, cell) in enumerate(code, start=1):
        cell.metadata.pop("execution", None)  # Times differ from run to run.
        cell.execution_count = count
        outputs.begin(cell)
        deadline = time.monotonic() + timeout
        try:
            reply = _run_cell(cell.source, manager, client, outputs, deadline)
        except TimeoutError:
            _interrupt(manager, client)
            raise Failed(_report(notebook, number, f"no end after {timeout:g} s")) from None
        except ConnectionError:
            raise KernelDied(_report(notebook, number, "the kernel died")) from None
        may_fail = "raises-exception" in cell.metadata.get("tags", [])
        if reply["status"] != "ok" and not may_fail:
            raise Failed(_report(notebook, number, _error_of(cell, reply)))


def _run_cell(source: str, manager, client, outputs, deadline: float) -> dict:
    """Runs one cell and waits for its reply, then for the sentinel sent after it."""
    request = client.execute(source, allow_stdin=False)
    while True:
        reply = _next(client.get_shell_msg, manager, deadline, also=lambda: _drain(client, outputs))
        if reply["parent_header"].get("msg_id") == request:
            break
    token = str(uuid.uuid4())
    client.execute(
        f'await Deno.jupyter.broadcast("display_data", '
        f'{{ data: {{ "{sentinel_type}": "{token}" }}, metadata: {{}}, transient: {{}} }});',
        silent=True,
        store_history=False,
        allow_stdin=False,
    )
    while True:
        message = _next(client.get_iopub_msg, manager, deadline)
        data = message["content"].get("data")
        if isinstance(data, dict) and data.get(sentinel_type) == token:
            return reply["content"]
        outputs.take(message)


def _next(get, manager, deadline: float, also=lambda: None) -> dict:
    """The next message of a channel, or an error when time or the kernel has ended."""
    while True:
        also()
        try:
            return get(timeout=0.1)
        except queue.Empty:
            if not manager.is_alive():
                raise ConnectionError from None
            if time.monotonic() > deadline:
                raise TimeoutError from None


def _drain(client, outputs) -> None:
    """Takes what has arrived, so that a talkative cell does not fill the channel."""
    while True:
        try:
            outputs.take(client.get_iopub_msg(timeout=0))
        except queue.Empty:
            return


def _interrupt(manager, client) -> None:
    """Asks the kernel to stop, so that its own clean-up may run; the caller kills it after this."""
    manager.interrupt_kernel()
    end = time.monotonic() + 3
    while time.monotonic() < end and manager.is_alive():
        try:
            client.get_shell_msg(timeout=0.2)
            return
        except queue.Empty:
            pass


def _error_of(cell, reply: dict) -> str:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors:
        return "\n".join(errors[-1].traceback) or f"{errors[-1].ename}: {errors[-1].evalue}"
    return plain_text(f"{reply.get('ename', 'Error')}: {reply.get('evalue', 'no message')}")


def _report(notebook, number: int, reason: str) -> str:
    source = "\n".join(f"    {line}" for line in notebook.cells[number - 1].source.splitlines())
    return f"Cell {number} of {len(notebook.cells)} failed: {reason}\n\n{source}"


def _describe(notebook, manager, client) -> None:
    """Names kernel and language as JupyterLab does: a notebook that says otherwise, were it only
    the version, opens as modified."""
    spec = manager.kernel_spec
    notebook.metadata.kernelspec = {
        "display_name": spec.display_name,
        "language": spec.language,
        "name": manager.kernel_name,
    }
    information = client.kernel_info(reply=True, timeout=10)["content"]
    notebook.metadata.language_info = dict(information["language_info"])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--output", type=Path, help="where to save; by default in place")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for each cell")
    parser.add_argument("--env", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--kernel", default="deno")
    options = parser.parse_args()
    for pair in options.env:
        if "=" not in pair:
            parser.error(f"--env must be KEY=VALUE, got {pair}")
    return options


def digest_of(file: Path) -> bytes | None:
    """Of a file's bytes; none where there is no such file."""
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return None


def main() -> int:
    keep_home_clean()
    import nbformat

    options = arguments()
    before = digest_of(options.notebook)
    notebook = read_notebook(options.notebook, outputs=False)
    place = options.output or options.notebook
    if not writable(place):
        told = f"{place} must be a file that can be written. Name another --output"
        print(f"Cannot run {options.notebook}: {told}", file=sys.stderr)
        return 1
    env = dict(pair.split("=", 1) for pair in options.env)
    cwd = options.notebook.resolve().parent
    start = time.monotonic()
    try:
        run(notebook, cwd=cwd, env=env, timeout=options.timeout, kernel=options.kernel)
    except Failed as failure:
        print(f"{options.notebook}: {failure}", file=sys.stderr)
        return 1
    nbformat.validate(notebook)
    if digest_of(options.notebook) != before and place.resolve() == options.notebook.resolve():
        beside = place.with_name(f"{place.stem}.ran.ipynb")
        write_whole(beside, notebook_text(notebook))
        told = f"it was changed while it ran, and stays as it is. What was run is in {beside}"
        print(f"{options.notebook}: {told}", file=sys.stderr)
        return 1
    write_whole(place, notebook_text(notebook))
    print(f"{place}: {len(notebook.cells)} cells, saved after {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
