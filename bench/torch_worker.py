"""A worker that trains the same model in PyTorch when asked: the counterpart of ours.ts.

    python bench/torch_worker.py '<shape JSON>' relu2|gelu eager-fp32|compile-bf16|... 2 FOLDER

FOLDER holds the initial parameters and batches that ours.ts wrote. Reads {"steps"} lines, answers
each with the milliseconds, tokens (padding not counted) and losses of these steps. The model is as
fast as plain PyTorch makes it: scaled_dot_product_attention, one product for query, key and value,
fused AdamW. Where a batch has groups of several lengths, only attention sees them.
"""

import json
import math
import resource
import sys
import time
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F

shape, activation, mode, threads, folder = sys.argv[1:]
shape, folder = json.loads(shape), Path(folder)
layers, width, heads = shape["layers"], shape["width"], shape["heads"]
vocabulary, length = shape["vocabulary"], shape["length"]
torch.set_num_threads(int(threads))
kind, precision, *device = mode.split("-")
device = device[0] if device else "cpu"
if precision == "medium":
    torch.set_float32_matmul_precision("medium")
    torch.backends.mkldnn.matmul.fp32_precision = "bf16"


def activate(x):
    return F.relu(x).square() if activation == "relu2" else F.gelu(x, approximate="tanh")


class Model(torch.nn.Module):
    """Parameters under our names; query, key and value joined into one matrix."""

    def __init__(self, named):
        super().__init__()
        take = lambda name: torch.nn.Parameter(named[name].clone())
        at = lambda layer, name: named[f"model.layers.{layer}.{name}.weight"]
        joint = lambda layer: torch.cat([at(layer, f"self_attn.{p}_proj") for p in "qkv"])
        many = lambda f: torch.nn.ParameterList([torch.nn.Parameter(f(l).clone()) for l in range(layers)])
        self.embedding = take("model.embed_tokens.weight")
        self.final_norm = take("model.norm.weight")
        self.attention_norm = many(lambda l: at(l, "input_layernorm"))
        self.qkv = many(joint)
        self.output = many(lambda l: at(l, "self_attn.o_proj"))
        self.mlp_norm = many(lambda l: at(l, "post_attention_layernorm"))
        self.up = many(lambda l: at(l, "mlp.up_proj"))
        self.down = many(lambda l: at(l, "mlp.down_proj"))
        half = width // heads // 2
        angles = torch.outer(torch.arange(length), 10_000.0 ** (-torch.arange(half) / half))
        self.register_buffer("cos", torch.cat([angles.cos()] * 2, -1))
        self.register_buffer("sin", torch.cat([angles.sin()] * 2, -1))

    def rotate(self, x):
        a, b = x.chunk(2, -1)
        T = x.shape[-2]
        return x * self.cos[:T] + torch.cat([-b, a], -1) * self.sin[:T]

    def attend(self, joint, B, T):
        q, k, v = joint.view(B, T, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        z = F.scaled_dot_product_attention(
            self.rotate(q).to(v.dtype), self.rotate(k).to(v.dtype), v, is_causal=True
        )
        return z.transpose(1, 2).reshape(B * T, width)

    def forward(self, tokens, targets, groups):
        sizes = [B * T for B, T in groups]
        norm = lambda x, gain: F.rms_norm(x, (width,), gain, 1e-5)
        x = F.embedding(tokens, self.embedding)
        for l in range(layers):
            joint = F.linear(norm(x, self.attention_norm[l]), self.qkv[l])
            mixed = [self.attend(own, B, T) for own, (B, T) in zip(joint.split(sizes), groups)]
            z = mixed[0] if len(mixed) == 1 else torch.cat(mixed)
            x = x + F.linear(z, self.output[l])
            x = x + F.linear(activate(F.linear(norm(x, self.mlp_norm[l]), self.up[l])), self.down[l])
        logits = F.linear(norm(x, self.final_norm), self.embedding)
        return F.cross_entropy(logits.float(), targets, ignore_index=0)


def read():
    shapes = json.loads((folder / "shapes.json").read_text())
    values = numpy.fromfile(folder / "parameters.f32", dtype=numpy.float32)
    named, at = {}, 0
    for name, sizes in shapes.items():
        count = math.prod(sizes)
        named[name] = torch.from_numpy(values[at : at + count].reshape(sizes).copy())
        at += count
    ids = torch.from_numpy(numpy.fromfile(folder / "batches.i32", dtype=numpy.int32).astype(numpy.int64))
    batches, at = [], 0
    for groups in json.loads((folder / "batches.json").read_text()):
        M = sum(B * T for B, T in groups)
        tokens, targets = ids[at : at + 2 * M].view(2, M)
        batches.append((tokens, targets, tuple(map(tuple, groups))))
        at += 2 * M
    return named, batches


named, batches = read()
if device == "cuda":
    batches = [(tokens.pin_memory(), targets.pin_memory(), groups) for tokens, targets, groups in batches]
model = Model(named).to(device)
matrices = [p for p in model.parameters() if p.dim() > 1]
norms = [p for p in model.parameters() if p.dim() == 1]
optimizer = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}],
    lr=3e-4, betas=(0.9, 0.95), eps=1e-8, fused=True,
)  # fmt: skip
HOW = {"compile": None, "graphs": "max-autotune"}
loss_of = torch.compile(model, mode=HOW[kind]) if kind in HOW else model
done = 0


def run(steps):
    global done
    ms, counts, losses = [], [], []
    before = time.process_time()
    for _ in range(steps):
        tokens, targets, groups = batches[done % len(batches)]
        done += 1
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = loss_of(tokens, targets, groups)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        ms.append(1e3 * (time.perf_counter() - start))
        counts.append(int((targets > 0).sum()))
    cpu = 1e3 * (time.process_time() - before)
    return {"ms": ms, "cpu": cpu, "tokens": counts, "losses": losses}


def run_cuda(steps):
    """The same without waiting for the device before the last step: a step's time is the mean's."""
    global done
    counts, losses = [], []
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(steps):
        tokens, targets, groups = batches[done % len(batches)]
        done += 1
        counts.append(int((targets > 0).sum()))
        tokens, targets = (own.to(device, non_blocking=True) for own in (tokens, targets))
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
            loss = loss_of(tokens, targets, groups)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        # A CUDA graph writes the next loss into the same place.
        losses.append(loss.detach().clone())
    torch.cuda.synchronize()
    ms = 1e3 * (time.perf_counter() - start) / steps
    return {"ms": [ms] * steps, "cpu": 0, "tokens": counts, "losses": [own.item() for own in losses]}


print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    answer = (run_cuda if device == "cuda" else run)(json.loads(line)["steps"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**answer, "peak": peak}), flush=True)
