"""Learns the merges of data/subwords.json: byte-pair encoding by Hugging Face `tokenizers`, with the
word boundaries of factlab's own tokenizer. `deno task subwords` calls it.

    python learn_subwords.py TOKENIZER TEXT ALPHABET SIZE FILE

TOKENIZER is a tokenizer.json whose rules of words are kept, TEXT has a biography a line, ALPHABET every
letter and mark there may be, SIZE counts all tokens, special ones among them.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, trainers

rules, text, alphabet, size, file = sys.argv[1:]
tokenizer = Tokenizer.from_file(rules)
special = [token["content"] for token in json.loads(Path(rules).read_text())["added_tokens"]]
tokenizer.model = models.BPE()
trainer = trainers.BpeTrainer(
    vocab_size=int(size),
    special_tokens=special,
    initial_alphabet=list(alphabet),
    show_progress=False,
)
tokenizer.train_from_iterator(Path(text).read_text().splitlines(), trainer)
learned = json.loads(tokenizer.to_str())["model"]
tokens = sorted(learned["vocab"], key=learned["vocab"].__getitem__)[len(special) :]
merges = [" ".join(pair) for pair in learned["merges"]]
letters = tokens[: len(tokens) - len(merges)]
assert sorted(letters) == sorted(alphabet), set(letters) ^ set(alphabet)
assert tokens[len(letters) :] == ["".join(pair) for pair in learned["merges"]]
content = {"alphabet": "".join(letters), "merges": merges}
Path(file).write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n")
print(f"{len(letters)} letters and marks, {len(merges)} merges: {file}")
