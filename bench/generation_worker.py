"""A worker that continues prompts when asked, by transformers: the counterpart of generation_ours.ts.

    python bench/generation_worker.py fp32|bf16 greedy|drawn MODEL_FOLDER ASKED 2

Reads {"times"} lines, answers each with the milliseconds of every time and the tokens of the last,
without end marks. Prompts are padded on the left; the cache of generate is its own default.
"""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM

precision, how, folder, asked, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(0)
asked = json.loads(open(asked).read())
dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
PAD, EOS = model.config.pad_token_id, model.config.eos_token_id
longest = max(map(len, asked["prompts"]))
ids = torch.tensor([[PAD] * (longest - len(own)) + own for own in asked["prompts"]])
mask = (ids != PAD).long()
drawn = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
how = drawn if how == "drawn" else {"do_sample": False}


def said(row):
    end = [i for i, token in enumerate(row) if token in (PAD, EOS)]
    return row[: end[0]] if end else row


print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    ms = []
    for _ in range(json.loads(line)["times"]):
        start = time.perf_counter()
        with torch.inference_mode():
            out = model.generate(ids, attention_mask=mask, max_new_tokens=asked["added"], **how)
        ms.append(1e3 * (time.perf_counter() - start))
    tokens = [said(row) for row in out[:, longest:].tolist()]
    print(json.dumps({"ms": ms, "tokens": tokens}), flush=True)
