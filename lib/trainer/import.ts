/**
 * Models of Hugging Face `transformers` read back: ArceeForCausalLM as export.ts writes it, with
 * every setting that changes what is computed checked, and refused by name where it is another.
 *
 * @module
 */

import { must, problemsOf, shown } from "../display/mod.ts";
import {
  type ModelConfiguration,
  modelSchema,
  NORM_EPSILON,
  type Parameters,
  parameterShapes,
  ROTARY_BASE,
} from "../model/mod.ts";
import { asFolder } from "../environment.ts";
import { type AboutModel, ACTIVATIONS, MODEL_FILE } from "./export.ts";
import { placeOf } from "./files.ts";
import { isObject } from "./omitted.ts";
import { decodeSafetensors } from "./safetensors.ts";

/** A model as read from a folder. */
export interface ImportedModel {
  /** Size and kind of the model. */
  model: ModelConfiguration;
  /** Rows of the embedding. */
  vocabularySize: number;
  /** Values by parameter name; those of float16 are read as float32. */
  parameters: Parameters;
  /** Of which run it is; undefined for a model that factlab has not written. */
  about?: AboutModel;
}

type Fields = Record<string, unknown>;

/** What a setting must be. */
interface Rule {
  holds(value: unknown): boolean;
  must: string;
}

const only = (...allowed: unknown[]): Rule => ({
  holds: (value) => allowed.includes(value),
  must: allowed.map(shown).join(" or "),
});
/** The same for a setting whose absence means just this. */
const orNone = (value: unknown): Rule => ({
  holds: (own) => own === undefined || own === null || own === value,
  must: `${shown(value)} or none`,
});
const whole: Rule = {
  holds: (value) => Number.isInteger(value) && value as number > 0,
  must: "a whole number above 0",
};

/** Rotary positions where they have a part of their own. */
const ROTARY: Fields = {
  rope_type: "default",
  type: "default",
  rope_theta: ROTARY_BASE,
  partial_rotary_factor: 1,
};
const plainRotary: Rule = {
  holds: (value) =>
    value === undefined || value === null ||
    isObject(value) && Object.entries(value).every(([field, own]) => ROTARY[field] === own),
  must: `plain rotary positions of base ${ROTARY_BASE}`,
};

/** Settings that say what is computed; sizes are checked with the parameters. */
const COMPUTES: Record<string, Rule> = {
  model_type: only("arcee"),
  vocab_size: whole,
  hidden_size: whole,
  intermediate_size: whole,
  num_hidden_layers: whole,
  num_attention_heads: whole,
  num_key_value_heads: whole,
  head_dim: { holds: () => true, must: "the width of a head" },
  hidden_act: only(...Object.values(ACTIVATIONS)),
  rms_norm_eps: only(NORM_EPSILON),
  tie_word_embeddings: only(true),
  attention_bias: orNone(false),
  mlp_bias: orNone(false),
  rope_theta: orNone(ROTARY_BASE),
  rope_scaling: plainRotary,
  rope_parameters: plainRotary,
  partial_rotary_factor: orNone(1),
  sliding_window: orNone(null),
  pretraining_tp: orNone(1),
  quantization_config: orNone(null),
};

/** Settings of training, generation and bookkeeping: the model computes the same with any. */
const HARMLESS = new Set([
  ..."architectures attention_dropout bos_token_id eos_token_id pad_token_id".split(" "),
  ..."initializer_range max_position_embeddings use_cache torch_dtype dtype".split(" "),
  ..."transformers_version _name_or_path output_attentions output_hidden_states".split(" "),
  ..."return_dict chunk_size_feed_forward is_encoder_decoder is_decoder id2label".split(" "),
  ..."label2id problem_type task_specific_params".split(" "),
]);

/** What is wrong with a configuration, in words; undefined if nothing is. */
function firstBad(config: Fields): string | undefined {
  for (const [field, { holds, must }] of Object.entries(COMPUTES)) {
    if (!holds(config[field])) return `${field} must be ${must}, got ${shown(config[field])}`;
  }
  const { num_key_value_heads: shared, num_attention_heads: heads } = config;
  if (shared !== heads) return `num_key_value_heads must be ${shown(heads)}, got ${shown(shared)}`;
  const unknown = Object.keys(config)
    .find((field) => !Object.hasOwn(COMPUTES, field) && !HARMLESS.has(field));
  return unknown && `${unknown} is a setting that factlab does not know, got ` +
      `${shown(config[unknown])}; leave it out if the model computes the same without`;
}

/**
 * Reads the model of a folder that {@link exportModel} or `transformers` has written.
 *
 * @example
 * ```ts
 * import { exportModel, importModel, train } from "factlab";
 * const run = train({ scale: "smoke", steps: 2 }, { fresh: true });
 * for await (const _ of run);
 * const folder = new URL(`file://${Deno.makeTempDirSync()}/`);
 * await exportModel(run, folder);
 * console.log(Object.keys(importModel(folder).parameters).length);
 * run.dispose();
 * ```
 *
 * @throws {Error} if a file is missing or damaged, the model is not of this architecture, or a setting
 * would make it compute something else than ours, or is not known.
 */
export function importModel(folder: URL): ImportedModel {
  const place = asFolder(folder);
  const configuration = new URL("config.json", place);
  const refuse = (why: string) => new Error(`Cannot read ${placeOf(configuration)}: ${why}.`);
  let config: Fields;
  try {
    config = JSON.parse(Deno.readTextFileSync(configuration));
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }
  const bad = firstBad(isObject(config) ? config : {});
  if (bad) throw refuse(bad);
  const activation = Object.entries(ACTIVATIONS)
    .find(([, theirs]) => theirs === config.hidden_act)?.[0];
  const model = {
    layers: config.num_hidden_layers,
    width: config.hidden_size,
    heads: config.num_attention_heads,
    mlp: config.intermediate_size,
    activation,
    mixer: "attention",
  };
  const parsed = modelSchema.safeParse(model, { error: must });
  if (!parsed.success) {
    throw refuse(`the model's ${problemsOf(parsed.error.issues, model).join("; ")}`);
  }
  const headWidth = parsed.data.width / parsed.data.heads;
  if ((config.head_dim ?? headWidth) !== headWidth) {
    throw refuse(`head_dim must be ${headWidth}, got ${shown(config.head_dim)}`);
  }
  const vocabularySize = config.vocab_size as number;
  const file = new URL(MODEL_FILE, place);
  const { tensors, metadata } = decodeSafetensors(Deno.readFileSync(file), placeOf(file));
  const shapes = parameterShapes(parsed.data, vocabularySize);
  const extra = Object.keys(tensors).find((name) => !Object.hasOwn(shapes, name));
  if (extra) {
    throw new Error(`Cannot read ${placeOf(file)}: ${extra} is no parameter of this architecture.`);
  }
  const parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const tensor = tensors[name];
      if (tensor && String(tensor.shape) === String(shape) && tensor.dtype !== "I32") {
        return [name, Float32Array.from(tensor.data)];
      }
      throw new Error(
        `Cannot read ${placeOf(file)}: ${name} must be F32 or F16 of shape [${shape}], got ` +
          `${tensor ? `${tensor.dtype} [${tensor.shape}]` : "none"}.`,
      );
    }),
  );
  const about = aboutOf(metadata.factlab);
  return { model: parsed.data, vocabularySize, parameters, ...(about ? { about } : {}) };
}

/** Of which run a model is, if its metadata say so. */
function aboutOf(text: string | undefined): AboutModel | undefined {
  try {
    const about = JSON.parse(text ?? "null");
    return isObject(about) && isObject(about.essence) ? about as unknown as AboutModel : undefined;
  } catch {
    return undefined; // Another's word for something else.
  }
}
