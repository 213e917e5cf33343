/**
 * Hostile input: valid inputs with a few things changed, and noise. Whatever comes, a reader must
 * either refuse it with its own one-line error or give something that makes sense. Used by the
 * gate with a fixed budget and by `deno task soak` for longer.
 *
 * @module
 */

import { below, type Random, stream } from "../../lib/generator/random.ts";
import { createTokenizer, loadLists } from "../../lib/generator/mod.ts";
import { configure, identity, importModel, parseRecord } from "../../lib/trainer/mod.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/trainer/safetensors.ts";
import { extractCells } from "../../tools/notebook/cells.ts";
import { jobs } from "./fuzz_jobs.ts";
import { hostileText, mutateBytes } from "./hostile_text.ts";
import { figures } from "./fuzz_figures.ts";

/** One kind of input: how to make one, and what must hold of it. */
export interface Target {
  name: string;
  /** What every refusal begins with. */
  refusal: string;
  /** How many inputs of another kind take the time of one; 1 by default. */
  cost?: number;
  make(random: Random): Uint8Array;
  /** Reads the input; throws its refusal, or any other error if what it read makes no sense. */
  read(input: Uint8Array): void | Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const ODD: unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  -0,
  2 ** 53,
  "",
  "<script>alert(1)</script>",
  "\u0000\ud800",
  [],
  {},
  [[[[[]]]]],
  { __proto__: { polluted: 1 }, constructor: 1 },
  "9".repeat(400),
  Array.from({ length: 300 }, (_, i) => i),
];

/** Changes a few values of JSON, at any depth: odd values, missing and unknown fields. */
function mutateJson(value: unknown, random: Random): unknown {
  if (random() < 0.08) return ODD[below(ODD.length, random)];
  if (Array.isArray(value)) {
    const items = value.map((item) => mutateJson(item, random));
    if (random() < 0.1) items.push(ODD[below(ODD.length, random)]);
    return items;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(() => random() > 0.04)
      .map(([key, inner]) => [key, mutateJson(inner, random)] as const);
    if (random() < 0.1) entries.push(["unknown", ODD[below(ODD.length, random)]]);
    return Object.fromEntries(entries);
  }
  return value;
}

/** JSON that is odd in its values, in its bytes, or both. */
function hostileJson(value: unknown, random: Random): Uint8Array {
  const bytes = encoder.encode(JSON.stringify(random() < 0.7 ? mutateJson(value, random) : value));
  return random() < 0.4 ? mutateBytes(bytes, random) : bytes;
}

function makesSense(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`accepted, but ${what}`);
}

const safetensors: Target = {
  name: "safetensors files",
  refusal: "Cannot read x: ",
  make(random) {
    const numbers = Float32Array.from({ length: 6 }, random);
    const valid = encodeSafetensors({
      tensors: {
        a: { dtype: "F32", shape: [2, 3], data: numbers },
        b: { dtype: "I32", shape: [], data: new Int32Array([3]) },
      },
      metadata: { step: "1" },
    });
    const length = Number(new DataView(valid.buffer).getBigUint64(0, true));
    const header = JSON.parse(decoder.decode(valid.subarray(8, 8 + length)));
    const kind = below(4, random);
    if (kind === 0) return mutateBytes(valid, random);
    if (kind === 1) {
      return Uint8Array.from({ length: below(200, random) }, () => below(256, random));
    }
    if (kind === 2) {
      new DataView(valid.buffer).setBigUint64(0, BigInt(below(2 ** 31, random)) ** 2n, true);
      return valid;
    }
    const json = random() < 0.1
      ? encoder.encode("{" + '"a":{'.repeat(below(100_000, random)))
      : hostileJson(header, random);
    const bytes = new Uint8Array(8 + json.length + 28);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  },
  read(input) {
    const stored = decodeSafetensors(input, "x");
    const bytes = Object.values(stored.tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
    makesSense(bytes <= input.length, "has more numbers than bytes");
    const again = decodeSafetensors(encodeSafetensors(stored), "y");
    makesSense(
      JSON.stringify(Object.keys(again.tensors).sort()) ===
        JSON.stringify(Object.keys(stored.tensors).sort()),
      "is not the same when written again",
    );
  },
};

const set = { loss: 3.5, accuracy: 0.1, confidence: 0.2, entropy: 2 };
const line = { step: 10, samples: 80, trainingLoss: 2.5, sets: { training: set, unseen: set } };
const header = {
  hash: "0123456789ab",
  configuration: { scale: "smoke" },
  floor: { loss: 3.6, accuracy: 0.03 },
  environment: {},
};

const records: Target = {
  name: "records",
  refusal: "Cannot read record: ",
  make(random) {
    const lines = [header, line, { ...line, step: 20 }].map((value) =>
      decoder.decode(random() < 0.5 ? hostileJson(value, random) : hostileJson(value, () => 1))
    );
    const text = lines.join(random() < 0.9 ? "\n" : "\n\n") + (random() < 0.8 ? "\n" : "");
    return random() < 0.3 ? mutateBytes(encoder.encode(text), random) : encoder.encode(text);
  },
  read(input) {
    for (const { step, sets } of parseRecord(decoder.decode(input)).measurements) {
      makesSense(Number.isInteger(step) && step >= 0, "a step is no whole number");
      for (const { loss } of Object.values(sets)) {
        makesSense(Number.isFinite(loss), "a loss is no number");
      }
    }
  },
};

const configurations: Target = {
  name: "configurations",
  refusal: "Cannot run: ",
  make: (random) => encoder.encode(JSON.stringify(mutateJson(configure(), random)) ?? "null"),
  read(input) {
    const configuration = configure(JSON.parse(decoder.decode(input)));
    makesSense(
      identity(configure(configuration)) === identity(configuration),
      "is another run when completed again",
    );
  },
};

const lists = loadLists("smoke");
const tokenizer = createTokenizer(lists);
const SPECIALS = /<(?:pad|bos|eos|unk)>/;

const texts: Target = {
  name: "texts for the tokenizer",
  refusal: "Cannot encode ",
  make: (random) => encoder.encode(hostileText(tokenizer, random)),
  read(input) {
    const text = decoder.decode(input);
    const ids = tokenizer.encode(text);
    makesSense(ids.every((id) => id < tokenizer.vocabularySize), "an id is out of range");
    makesSense(SPECIALS.test(text) || tokenizer.decode(ids) === text, "it is another text");
  },
};

/** Calls with a file of this content in a folder of its own. */
async function withFile(
  name: string,
  content: Uint8Array,
  use: (folder: URL) => void | Promise<void>,
): Promise<void> {
  const folder = new URL(`file://${Deno.makeTempDirSync({ prefix: "factlab-fuzz-" })}/`);
  try {
    Deno.writeFileSync(new URL(name, folder), content);
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const models: Target = {
  name: "model folders",
  refusal: "Cannot read ",
  make: (random) =>
    hostileJson({
      model_type: "arcee",
      vocab_size: 64,
      hidden_size: 16,
      intermediate_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 2,
      hidden_act: "relu2",
      rms_norm_eps: 1e-5,
      tie_word_embeddings: true,
      attention_bias: false,
      mlp_bias: false,
    }, random),
  read: (input) =>
    withFile("config.json", input, (folder) => {
      Deno.writeFileSync(
        new URL("model.safetensors", folder),
        encodeSafetensors({ tensors: {}, metadata: {} }),
      );
      importModel(folder);
      makesSense(false, "there are no parameters");
    }),
};

const notebooks: Target = {
  name: "notebook files",
  refusal: "Cannot read notebook ",
  make: (random) =>
    hostileJson({
      nbformat: 4,
      cells: [{ cell_type: "code", source: ["1;\n", "2;"] }, { cell_type: "markdown", source: "" }],
    }, random),
  read: (input) =>
    withFile("a.ipynb", input, async (folder) => {
      const { source } = await extractCells(new URL("a.ipynb", folder).pathname);
      makesSense(typeof source === "string", "there is no source");
    }),
};

/** Every kind of input. */
export const TARGETS: Target[] = [
  jobs,
  safetensors,
  records,
  configurations,
  texts,
  models,
  notebooks,
  figures,
];

/** An input that was neither refused properly nor read properly. */
export interface Failure {
  target: string;
  seed: number;
  why: string;
}

/** How long one input of cost 1 may take, ms. */
const PATIENCE = 2000;

/** Tries one input; returns what went wrong, if anything did. */
export async function tryInput(target: Target, seed: number): Promise<Failure | undefined> {
  const input = target.make(stream(seed, "fuzz", target.name));
  const start = performance.now();
  let why: string | undefined;
  try {
    await target.read(input);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!text.startsWith(target.refusal)) why = text;
    else if (text.length > 4000) why = `an error of ${text.length} characters`;
  }
  const ms = performance.now() - start;
  if (ms > PATIENCE * (target.cost ?? 1)) why ??= `took ${ms.toFixed(0)} ms`;
  return why === undefined ? undefined : { target: target.name, seed, why };
}
