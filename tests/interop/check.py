"""Holds other software against what factlab wrote.

    python tests/interop/check.py FOLDER

FOLDER holds what tools/interop.ts wrote: a model for `transformers` in model/, texts with our ids
in texts.json, those of subwords in subword_texts.json, our logits in logits.safetensors, greedy completions in completions.json, our attention on
the first of their prompts in patterns.safetensors, a checkpoint, and TensorBoard's events in a folder of events/. Writes FOLDER/back/ for our reader.
Ends with "N passed, N failed".
"""

import json
import subprocess
import sys
import traceback
from pathlib import Path

import numpy
import torch
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformer_lens.model_bridge import TransformerBridge
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = Path(sys.argv[1])
read = lambda name: json.loads((folder / name).read_text())
tokenizer = AutoTokenizer.from_pretrained(folder / "model")
model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32).eval()


def ids_and_texts_agree():
    texts = read("texts.json")
    assert len(texts) > 300
    for case in texts:
        ids = tokenizer(case["text"])["input_ids"]
        assert ids == case["ids"], (case, ids)
        back = tokenizer.decode(ids, skip_special_tokens=True)
        assert back == case["text"], (case, back)


def odd_texts_have_our_ids_or_are_refused_by_both():
    refused = accepted = 0
    for case in read("odd_texts.json"):
        try:
            ids = tokenizer(case["text"], add_special_tokens=False)["input_ids"]
        except Exception:
            ids = None
        assert ids == case["ids"], (case, ids)
        refused, accepted = refused + (ids is None), accepted + (ids is not None)
    assert refused > 500 and accepted > 500, (refused, accepted)


def subwords_agree():
    subwords = Tokenizer.from_file(str(folder / "subwords.json"))
    texts = read("subword_texts.json")
    assert len(texts) > 300
    for case in texts:
        encoded = subwords.encode(case["text"])
        assert encoded.ids == case["ids"], (case, encoded.tokens)
        assert subwords.decode(encoded.ids) == case["text"], case
    assert max(len(case["ids"]) for case in texts) > 120


def it_is_an_arcee_model():
    assert type(model).__name__ == "ArceeForCausalLM"
    assert model.lm_head.weight is model.model.embed_tokens.weight


def logits_agree():
    ours = load_file(folder / "logits.safetensors")
    assert ours["tokens"].shape[0] == 64
    with torch.no_grad():
        theirs = model(torch.from_numpy(ours["tokens"].astype(numpy.int64))).logits.numpy()
    distance = numpy.abs(theirs - ours["logits"])[ours["tokens"] > 0].max()
    spread = ours["logits"][ours["tokens"] > 0].std()
    print(f"logits: largest distance {distance:.1e} at a spread of {spread:.2f}")
    assert distance < 1e-4 and spread > 0.1


def greedy_completions_agree():
    for case in read("completions.json"):
        inputs = tokenizer(case["prompt"], return_tensors="pt")
        length = inputs["input_ids"].shape[1]
        inputs.pop("token_type_ids", None)
        output = model.generate(**inputs, max_new_tokens=8, do_sample=False)
        text = tokenizer.decode(output[0][length:], skip_special_tokens=True).strip()
        assert text == case["completion"], (case, text)


def transformer_lens_sees_the_attention_that_we_see():
    ours = load_file(folder / "patterns.safetensors")
    tokens = tokenizer(read("completions.json")[0]["prompt"], return_tensors="pt")["input_ids"]
    # It changes the model that it is given.
    own = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32).eval()
    bridge = TransformerBridge.boot_transformers(
        str(folder / "model"), hf_model=own, tokenizer=tokenizer
    )
    _, cache = bridge.run_with_cache(tokens)
    assert len(ours) == model.config.num_hidden_layers
    for layer in range(len(ours)):
        theirs = cache["pattern", layer][0].detach().numpy()
        assert theirs.shape == ours[f"layer {layer}"].shape
        assert numpy.abs(theirs - ours[f"layer {layer}"]).max() < 1e-4


def the_script_of_notebook_06_reads_both():
    script = Path(__file__).parents[2] / "notebooks" / "own_facts" / "elsewhere.py"
    first = read("completions.json")[0]
    read_by = [sys.executable, "-E", script, folder / "model", folder / "record.jsonl", first["prompt"]]
    told = subprocess.run(read_by, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    said, *looks = told.stdout.splitlines()
    assert first["completion"].startswith(said.split("…")[1].strip()), (said, first)
    assert sum("looks at" in line for line in looks) == model.config.num_hidden_layers
    assert "training loss" in told.stdout


def a_checkpoint_is_read():
    [path] = folder.glob("checkpoint-*.safetensors")
    tensors = load_file(path)
    weight = tensors["model.embed_tokens.weight"]
    assert numpy.array_equal(weight, model.model.embed_tokens.weight.detach().numpy())
    assert tensors["second.model.norm.weight"].shape == tensors["model.norm.weight"].shape


def events_are_read():
    [run] = (folder / "events").iterdir()
    events = EventAccumulator(str(run))
    events.Reload()
    record = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()[1:]]
    for tag, value in {
        "loss/training": lambda m: m["sets"]["training"]["loss"],
        "accuracy/held-out": lambda m: m["sets"]["held-out"]["accuracy"],
    }.items():
        scalars = events.Scalars(tag)
        assert [s.step for s in scalars] == [m["step"] for m in record]
        for scalar, measurement in zip(scalars, record):
            assert abs(scalar.value - value(measurement)) < 1e-6 * (1 + scalar.value)


def what_others_write_is_written_for_our_reader():
    model.save_pretrained(folder / "back")
    extra = {
        "number": numpy.array(7, numpy.float32),
        "none": numpy.zeros((0, 3), numpy.int32),
        "matrix": numpy.arange(6, dtype=numpy.float32).reshape(2, 3),
    }
    save_file(extra, folder / "python.safetensors", metadata={"from": "Python"})


failed = 0
checks = [
    ids_and_texts_agree,
    odd_texts_have_our_ids_or_are_refused_by_both,
    subwords_agree,
    it_is_an_arcee_model,
    logits_agree,
    greedy_completions_agree,
    transformer_lens_sees_the_attention_that_we_see,
    the_script_of_notebook_06_reads_both,
    a_checkpoint_is_read,
    events_are_read,
    what_others_write_is_written_for_our_reader,
]
for check in checks:
    try:
        check()
        print(f"ok   {check.__name__.replace('_', ' ')}")
    except Exception:
        failed += 1
        print(f"FAIL {check.__name__.replace('_', ' ')}")
        traceback.print_exc(limit=-2, file=sys.stdout)
print(f"{len(checks) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
