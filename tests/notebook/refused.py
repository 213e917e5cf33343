"""Says of each notebook why it cannot be a page of the gallery, a line each.

    python tests/notebook/refused.py NOTEBOOK ...
"""

import sys
import tempfile
from pathlib import Path

root = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(root / "tools" / "gallery"), str(root / "tools" / "notebook")]
from notebook_file import keep_home_clean

keep_home_clean()
from pages import page_of
from places import Places, page_names

with tempfile.TemporaryDirectory() as folder:
    for name in sys.argv[1:]:
        path = Path(name)
        try:
            page_of(path, Path(folder), Places(page_names([path])))
            print("not refused")
        except ValueError as error:
            print(error)
