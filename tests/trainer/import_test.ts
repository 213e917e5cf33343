// Models of other software: what computes as ours is read, everything else refused by name.

import { assertEquals, assertThrows } from "@std/assert";
import { initialParameters, MODELS, parameterShapes } from "../../lib/model/mod.ts";
import { importModel } from "../../lib/trainer/mod.ts";
import { encodeSafetensors } from "../../lib/trainer/safetensors.ts";

const model = MODELS.smoke;
const VOCABULARY = 64;

/** As `exportModel` writes it, and with what `transformers` adds. */
const CONFIG: Record<string, unknown> = {
  architectures: ["ArceeForCausalLM"],
  model_type: "arcee",
  vocab_size: VOCABULARY,
  hidden_size: model.width,
  intermediate_size: model.mlp,
  num_hidden_layers: model.layers,
  num_attention_heads: model.heads,
  num_key_value_heads: model.heads,
  head_dim: model.width / model.heads,
  hidden_act: "relu2",
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_parameters: { rope_type: "default", rope_theta: 10000 },
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: true,
  dtype: "float32",
  use_cache: true,
  attention_dropout: 0,
  initializer_range: 0.02,
  transformers_version: "5.0.0",
  bos_token_id: 1,
  eos_token_id: 2,
  pad_token_id: 0,
};
const shapes = parameterShapes(model, VOCABULARY);
const parameters = initialParameters(model, VOCABULARY, 0);
const tensors = Object.fromEntries(
  Object.entries(shapes).map((
    [name, shape],
  ) => [name, { dtype: "F32" as const, shape, data: parameters[name]! }]),
);

/** Reads a model whose configuration or tensors have these changes; undefined leaves a field out. */
function read(changes: Record<string, unknown>, more: typeof tensors = {}) {
  const folder = new URL(`file://${Deno.makeTempDirSync()}/`);
  try {
    const config = JSON.stringify({ ...CONFIG, ...changes });
    Deno.writeTextFileSync(new URL("config.json", folder), config);
    const bytes = encodeSafetensors({ tensors: { ...tensors, ...more }, metadata: {} });
    Deno.writeFileSync(new URL("model.safetensors", folder), bytes);
    return importModel(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const THETA = 10000;
const accepted: Record<string, Record<string, unknown>> = {
  "as written": {},
  "the base of older versions": { rope_theta: THETA, rope_parameters: undefined },
  "no word of rotary positions, which means base 10,000": { rope_parameters: undefined },
  "scaling that is none": { rope_scaling: null, partial_rotary_factor: 1, sliding_window: null },
  "no width of a head": { head_dim: undefined },
  "another number of positions": { max_position_embeddings: 4096 },
};
for (const [what, changes] of Object.entries(accepted)) {
  Deno.test(`read: ${what}`, () => {
    const imported = read(changes);
    assertEquals(imported.model, model);
    assertEquals(imported.vocabularySize, VOCABULARY);
    assertEquals(imported.parameters, parameters);
  });
}

const refused: [Record<string, unknown>, string][] = [
  [{ rope_theta: 500000 }, "rope_theta must be 10000 or none, got 500000"],
  [{ rope_parameters: { rope_type: "default", rope_theta: 500000 } }, "rope_parameters must be"],
  [{ rope_parameters: { rope_type: "yarn", factor: 4, rope_theta: THETA } }, "rope_parameters"],
  [{ rope_parameters: { rope_type: "default", partial_rotary_factor: 0.5 } }, "rope_parameters"],
  [{ rope_scaling: { rope_type: "linear", factor: 4 } }, "rope_scaling must be plain rotary"],
  [{ rope_scaling: { type: "dynamic" } }, "rope_scaling"],
  [{ partial_rotary_factor: 0.5 }, "partial_rotary_factor must be 1 or none, got 0.5"],
  [{ sliding_window: 4 }, "sliding_window must be null or none, got 4"],
  [{ head_dim: 8 }, "head_dim must be 16, got 8"],
  [{ rms_norm_eps: 1e-6 }, "rms_norm_eps must be 0.00001, got 0.000001"],
  [{ num_key_value_heads: 1 }, "num_key_value_heads must be 2, got 1"],
  [{ hidden_act: "silu" }, 'hidden_act must be "relu2" or "gelu_pytorch_tanh", got "silu"'],
  [{ tie_word_embeddings: false }, "tie_word_embeddings must be true"],
  [{ attention_bias: true }, "attention_bias must be false or none"],
  [{ vocab_size: "64" }, 'vocab_size must be a whole number above 0, got "64"'],
  [{ pretraining_tp: 2 }, "pretraining_tp"],
  [{ quantization_config: { bits: 4 } }, "quantization_config"],
  [{ model_type: "llama" }, 'model_type must be "arcee"'],
  [
    { attn_logit_softcapping: 30 },
    "attn_logit_softcapping is a setting that factlab does not know",
  ],
  [{ constructor: 1 }, "constructor is a setting that factlab does not know"],
];
for (const [changes, message] of refused) {
  Deno.test(`refused: ${JSON.stringify(changes)}`, () => {
    assertThrows(() => read(changes), Error, message);
  });
}

Deno.test("a tensor that our model has no use for is refused by name", () => {
  const data = new Float32Array(model.width);
  const bias = { dtype: "F32" as const, shape: [model.width], data };
  const name = "model.layers.0.self_attn.q_proj.bias";
  assertThrows(() => read({}, { [name]: bias }), Error, `${name} is no parameter`);
});
