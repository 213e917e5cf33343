"""Writes what Hugging Face's ArceeForCausalLM and PyTorch's AdamW compute for a tiny model.

The tests compare factlab with these numbers, so that model, loss, gradients and optimiser are
checked against code that is not ours. Run again only when the tiny model is to change:

    python3 -m venv /tmp/golden
    /tmp/golden/bin/pip install torch==2.13.0 numpy transformers==5.23.0
    /tmp/golden/bin/python tests/golden/make_golden.py

Writes model.json and optimizer.json beside this file (about 60 kB). The parameters are not
stored: `parameters` below and tests/golden/golden.ts compute the same numbers from one formula.
"""

import json
import math
import pathlib

import numpy
import torch
import transformers
from transformers import ArceeConfig, ArceeForCausalLM

LAYERS, WIDTH, HEADS, MLP, VOCABULARY = 2, 16, 2, 32, 24
BATCH, LENGTH = 2, 7
PADDING = 0
STEPS = 20
PRIME = 1_000_003
ACTIVATIONS = {"relu2": "relu2", "gelu": "gelu_pytorch_tanh"}


def noise(count, series):
    """`count` numbers in [-1, 1) from exact integer arithmetic: squares modulo a prime."""
    numbers = numpy.arange(count, dtype=numpy.int64) * 7919 + series * 104_729 + 1
    return 2.0 * (numbers * numbers % PRIME) / PRIME - 1


def parameters(model):
    """Fills the model; series p is the p-th name in alphabetical order."""
    named = dict(model.named_parameters())
    for series, name in enumerate(sorted(named)):
        parameter = named[name]
        values = noise(parameter.numel(), series)
        values = 1 + 0.2 * values if parameter.dim() == 1 else 0.5 * values
        with torch.no_grad():
            parameter.copy_(torch.tensor(values, dtype=torch.float32).reshape(parameter.shape))
    return dict(sorted(named.items()))


def create(activation):
    config = ArceeConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=MLP,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        head_dim=WIDTH // HEADS,
        hidden_act=ACTIVATIONS[activation],
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        attention_bias=False,
        mlp_bias=False,
        tie_word_embeddings=True,
        pad_token_id=None,
        bos_token_id=1,
        eos_token_id=2,
        attn_implementation="eager",
    )
    model = ArceeForCausalLM(config).float().train()
    return model, parameters(model)


def batch(series):
    """Tokens and targets [BATCH, LENGTH]; the second row ends in padding."""
    ids = 1 + ((noise(BATCH * (LENGTH + 1), 1000 + series) + 1) / 2 * (VOCABULARY - 1)).astype(int)
    ids = ids.reshape(BATCH, LENGTH + 1)
    ids[1, LENGTH - 1 - series % 3 :] = PADDING
    return ids[:, :-1].copy(), ids[:, 1:].copy()


def loss_of(model, tokens, targets):
    logits = model(torch.tensor(tokens)).logits
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, VOCABULARY), torch.tensor(targets).reshape(-1), ignore_index=PADDING
    )


def plain(values):
    """Nested lists of numbers with eight significant digits."""
    if isinstance(values, torch.Tensor):
        values = values.detach().double().numpy()
    return [float(f"{value:.8g}") for value in numpy.asarray(values).reshape(-1)]


def number(value):
    return plain(value)[0]


def model_golden():
    tokens, targets = batch(0)
    golden = {
        "made": {"torch": torch.__version__, "transformers": transformers.__version__},
        "model": {"layers": LAYERS, "width": WIDTH, "heads": HEADS, "mlp": MLP},
        "vocabulary": VOCABULARY,
        "shape": [BATCH, LENGTH],
        "tokens": tokens.reshape(-1).tolist(),
        "targets": targets.reshape(-1).tolist(),
    }
    for activation in ACTIVATIONS:
        model, named = create(activation)
        loss = loss_of(model, tokens, targets)
        loss.backward()
        out = model(torch.tensor(tokens), output_attentions=True, output_hidden_states=True)
        golden["shapes"] = {name: list(parameter.shape) for name, parameter in named.items()}
        golden[activation] = {
            "logits": plain(out.logits),
            "loss": number(loss),
            "patterns": [plain(pattern) for pattern in out.attentions],
            "residuals": [plain(hidden) for hidden in out.hidden_states[:LAYERS]],
            "gradients": {name: gradient(parameter.grad) for name, parameter in named.items()},
        }
    return golden


def gradient(values):
    """The norm and every seventh share of the entries."""
    flat = values.reshape(-1)
    at = [math.floor(flat.numel() * share / 7) for share in range(7)]
    return {"norm": number(flat.norm()), "at": at, "values": plain(flat[at])}


def trajectory(clip):
    model, named = create("relu2")
    decayed = [parameter for parameter in named.values() if parameter.dim() > 1]
    others = [parameter for parameter in named.values() if parameter.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1e-2,
        betas=(0.9, 0.95),
        eps=1e-8,
    )
    losses, norms = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model, *batch(step % 4))
        loss.backward()
        limit = math.inf if clip is None else clip
        norms.append(number(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
        optimizer.step()
        losses.append(number(loss))
    sums = {
        name: {"sum": number(parameter.sum()), "norm": number(parameter.norm())}
        for name, parameter in named.items()
    }
    return {"clip": clip, "losses": losses, "norms": norms, "final": sums}


def optimizer_golden():
    batches = [batch(series) for series in range(4)]
    return {
        "batches": [
            {"tokens": tokens.reshape(-1).tolist(), "targets": targets.reshape(-1).tolist()}
            for tokens, targets in batches
        ],
        "plain": trajectory(None),
        "clipped": trajectory(0.5),
    }


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    folder = pathlib.Path(__file__).parent
    for name, golden in {"model": model_golden(), "optimizer": optimizer_golden()}.items():
        (folder / f"{name}.json").write_text(json.dumps(golden, indent=None) + "\n")
