"""Holds Hugging Face `tokenizers` against our tokenizer: same ids, same text back.

    python tests/interop/tokenizer.py FOLDER

FOLDER holds tokenizer.json and texts.json, a list of {"text", "ids"} written by our tokenizer.
Ends with "N passed, N failed".
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer

folder = Path(sys.argv[1])
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
texts = json.loads((folder / "texts.json").read_text())
failed = 0
for case in texts:
    ids = tokenizer.encode(case["text"]).ids
    back = tokenizer.decode(ids, skip_special_tokens=True)
    if ids != case["ids"] or back != case["text"]:
        failed += 1
        print(f"differs: {case['text']!r}: {ids} against {case['ids']}, back {back!r}")
if not texts:
    failed += 1
    print("no texts to compare")
print(f"{len(texts) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
