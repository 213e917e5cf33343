"""Reads in Python what factlab wrote: the model with transformers and TransformerLens, the record
with pandas. Nothing here is factlab's.

    .cache/interop/bin/python notebooks/own_facts/elsewhere.py MODEL RECORD PROMPT
"""

import json
import sys
from pathlib import Path

import pandas
import torch
from transformer_lens.model_bridge import TransformerBridge
from transformers import AutoModelForCausalLM, AutoTokenizer

model_folder, record_file, prompt = sys.argv[1:]

# transformers: how the model goes on.
tokenizer = AutoTokenizer.from_pretrained(model_folder)
model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32).eval()
tokens = tokenizer(prompt, return_tensors="pt")["input_ids"]
said = model.generate(tokens, max_new_tokens=2, do_sample=False)[0, tokens.shape[1] :]
print(f"{prompt} … {tokenizer.decode(said).strip()}")

# TransformerLens: where each head looks before it says so.
bridge = TransformerBridge.boot_transformers(model_folder, hf_model=model, tokenizer=tokenizer)
logits, cache = bridge.run_with_cache(tokens)
assert logits[0, -1].argmax() == said[0]
words = [tokenizer.decode([token]) or "<bos>" for token in tokens[0]]
for layer in range(model.config.num_hidden_layers):
    pattern = cache["pattern", layer][0, :, -1]  # [heads, words]
    heads = [f"{words[at]} ({row[at]:.2f})" for row in pattern for at in [row.argmax()]]
    print(f"layer {layer + 1} looks at {', '.join(heads)}")

# pandas: a record is a line of JSON a measurement.
_, *lines = Path(record_file).read_text().splitlines()
record = pandas.json_normalize([json.loads(line) for line in lines]).set_index("step")
columns = {
    "trainingLoss": "training loss",
    "sets.held-out.accuracy": "accuracy",
    "seats.told": "seat, told",
    "seats.untold": "seat, untold",
}
shown = [name for name in columns if name in record]
print(record[shown].rename(columns=columns).round(3).iloc[::-2][::-1].to_string())
