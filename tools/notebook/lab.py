"""Starts JupyterLab on this machine with factlab's kernel, nothing outside the checkout touched.

    python tools/notebook/lab.py [JUPYTERLAB'S OPTIONS]
"""

import os
import sys

from notebook_file import keep_home_clean, root

keep_home_clean()
from jupyterlab.labapp import main  # noqa: E402

# What a new notebook gets, and what the launcher shows first.
own = ["--ip=127.0.0.1", "--MultiKernelManager.default_kernel_name=deno"]
as_root = ["--allow-root"] if os.geteuid() == 0 else []
sys.exit(main([*own, f"--ServerApp.root_dir={root}", *as_root, *sys.argv[1:]]))
