/**
 * Models in the open: a folder that Hugging Face `transformers` loads as an ArceeForCausalLM
 * without any code of ours. The way back is import.ts.
 *
 * @module
 */

import { BOS, EOS, PAD } from "../generator/mod.ts";
import { NORM_EPSILON, parameterCount, parameterShapes, ROTARY_BASE } from "../model/mod.ts";
import { modelCard } from "./card.ts";
import { configure, essence, identity } from "./configure.ts";
import { asFolder } from "../environment.ts";
import { told, writeWhole } from "./files.ts";
import type { RunInput } from "./configuration.ts";
import { encodeSafetensors, type StoredTensor } from "./safetensors.ts";
import type { Run } from "./run.ts";

/** The file of an exported model that holds its numbers. */
export const MODEL_FILE = "model.safetensors";

/** What `config.json` calls our activations. */
export const ACTIVATIONS = { relu2: "relu2", gelu: "gelu_pytorch_tanh" } as const;

/** Of which run a model is, and after how many steps. */
export interface AboutModel {
  /** The run's identity. */
  hash: string;
  /** Steps that were done. */
  step: number;
  /** The run as a person writes it. */
  essence: RunInput;
}

/** How a model is written. */
export interface ExportOptions {
  /** How its numbers are stored; "float16" takes half the room and keeps three digits of each. */
  precision?: "float32" | "float16";
}

/**
 * Writes a trained model as `config.json`, `model.safetensors`, `tokenizer.json`,
 * `tokenizer_config.json` and `generation_config.json`, with its card, `README.md`. What it is of is in
 * the metadata of `model.safetensors`, so that `openModel` makes a run of it again.
 *
 * @example
 * ```ts
 * import { exportModel, importModel, train } from "factlab";
 * const run = train({ scale: "smoke", steps: 20 });
 * for await (const _ of run);
 * const folder = new URL(`file://${await Deno.makeTempDir()}/`);
 * await exportModel(run, folder);
 * console.log(importModel(folder).model.layers); // 2
 * run.dispose();
 * ```
 *
 * @throws {Error} if the run has no model (see `run.load`), one that is not all in its parameters, or
 * if the folder cannot be written.
 */
export async function exportModel(
  run: Run,
  folder: URL,
  { precision = "float32" }: ExportOptions = {},
): Promise<void> {
  const { hash, configuration } = run;
  const { model, reference, tuning } = configuration;
  if (reference) {
    throw new Error(
      "Cannot export: reference must be null, as the attention of a patched model is that of " +
        `another one, got run ${identity(configure(reference.run))}.`,
    );
  }
  if (tuning.undo === "mean shift") {
    throw new Error(
      `Cannot export run ${hash}: tuning.undo must not be "mean shift", which no reader of the folder ` +
        "would take back.",
    );
  }
  if (model.mixer !== "attention") {
    throw new Error(
      `Cannot export: model.mixer must be attention, as ArceeForCausalLM has it, got ${model.mixer}.`,
    );
  }
  const engine = await run.load();
  const { tokenizer, writer } = run.corpus;
  const shapes = parameterShapes(model, tokenizer.vocabularySize);
  const values = engine.read(Object.keys(shapes));
  const tensors = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, stored(shape, values[name]!, precision)]),
  );
  const place = asFolder(folder);
  Deno.mkdirSync(place, { recursive: true });
  const write = (name: string, bytes: Uint8Array) => writeWhole(new URL(name, place), bytes);
  const writeJson = (name: string, value: unknown) =>
    write(name, new TextEncoder().encode(JSON.stringify(value, null, 2) + "\n"));
  const marks = { bos_token_id: BOS, eos_token_id: EOS, pad_token_id: PAD };
  const about: AboutModel = {
    hash,
    step: run.step!,
    essence: essence(configuration),
  };
  const metadata = { format: "pt", factlab: JSON.stringify(about) };
  remove(new URL(MODEL_FILE, place));
  const card = modelCard(run, { precision, parameters: parameterCount(shapes) });
  write("README.md", new TextEncoder().encode(card));
  writeJson("config.json", {
    architectures: ["ArceeForCausalLM"],
    model_type: "arcee",
    vocab_size: tokenizer.vocabularySize,
    hidden_size: model.width,
    intermediate_size: model.mlp,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.heads,
    head_dim: model.width / model.heads,
    hidden_act: ACTIVATIONS[model.activation],
    max_position_embeddings: writer.length.max,
    rms_norm_eps: NORM_EPSILON,
    rope_parameters: { rope_type: "default", rope_theta: ROTARY_BASE },
    rope_theta: ROTARY_BASE,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
    torch_dtype: precision,
    ...marks,
  });
  writeJson("generation_config.json", { do_sample: false, ...marks });
  writeJson("tokenizer.json", tokenizer.toHuggingFace());
  writeJson("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    model_max_length: writer.length.max,
    bos_token: "<bos>",
    eos_token: "<eos>",
    pad_token: "<pad>",
    unk_token: "<unk>",
    clean_up_tokenization_spaces: false,
  });
  // Last, as a folder that has it is taken for whole.
  write(MODEL_FILE, encodeSafetensors({ tensors, metadata }));
}

/** Removes a file if it is there. */
function remove(file: URL): void {
  try {
    Deno.removeSync(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw told(cause, file);
  }
}

function stored(
  shape: readonly number[],
  values: Float32Array,
  precision: ExportOptions["precision"],
): StoredTensor {
  return precision === "float16"
    ? { dtype: "F16", shape, data: new Float16Array(values) }
    : { dtype: "F32", shape, data: values };
}
