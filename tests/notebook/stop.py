"""The stop button in a real kernel: training ends, kernel and state stay, the same cell goes on.

    python tests/notebook/stop.py

Prints what each cell printed, then "stopped, alive, resumed"; ends with 1 if any of it fails.
"""

import signal
import sys
import time
from pathlib import Path

root = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "tools" / "notebook"))
from notebook_file import keep_home_clean

keep_home_clean()
from jupyter_client.manager import KernelManager

# A parent that ignores SIGINT would pass that on to the kernel, and the test would lie.
signal.signal(signal.SIGINT, signal.default_int_handler)

PREPARE = """
import { train } from "factlab";
const run = train({
  scale: "smoke", seed: 9100, people: 16, batch: 4, steps: 100000,
  evaluation: { people: 8, measurements: 3, attention: 0 },
}, { fresh: true });
let last = 0;
run.onStep = ({ step }) => last = step;
console.log("<ready>");
"""
TRAIN = """
console.log("<training>");
for await (const _ of run);
console.log(`<ended at ${last}, finished ${run.finished}, resumed at ${run.resumedAt}>`);
"""


class Kernel:
    """A kernel that runs cells and waits for what they print."""

    def __init__(self):
        self.manager = KernelManager(kernel_name="deno")
        self.manager.start_kernel(cwd=str(root / "notebooks"))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code):
        self.client.execute(code)

    def wait_for(self, mark, seconds=60):
        """The line that holds the mark."""
        text, end = "", time.time() + seconds
        while time.time() < end:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except Exception:
                continue
            content = message["content"]
            if message["msg_type"] == "error":
                raise SystemExit("a cell failed: " + "\n".join(content["traceback"]))
            text += content.get("text", "")
            for line in text.splitlines():
                if mark in line:
                    print(line)
                    return line
        raise SystemExit(f"waited {seconds} s for {mark!r}; got {text!r}")

    def stop(self):
        self.manager.interrupt_kernel()


kernel = Kernel()
try:
    kernel.run(PREPARE)
    kernel.wait_for("<ready>")
    ended = []
    for _ in range(2):
        kernel.run(TRAIN)
        kernel.wait_for("<training>")
        time.sleep(4)
        kernel.stop()
        ended.append(kernel.wait_for("<ended at"))
    kernel.stop()
    time.sleep(0.5)
    assert kernel.manager.is_alive(), "an idle click killed the kernel"
    kernel.run('run.dispose(); console.log(`<still ${last > 0}>`);')
    kernel.wait_for("<still true>")
    first = ended[0].split("ended at ")[1].split(",")[0]
    assert int(first) > 0 and "finished false, resumed at undefined" in ended[0], ended
    assert f"resumed at {first}" in ended[1], ended
    print("stopped, alive, resumed")
finally:
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)
