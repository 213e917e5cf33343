/**
 * Everything that happens in a model while it reads one text: what is at each place of each layer,
 * after TransformerLens's `run_with_cache`.
 *
 * @module
 */

import type { Biography } from "../generator/mod.ts";
import { edited, type Place } from "../model/mod.ts";
import { callOf, type Tensors } from "../engine/mod.ts";
import type { ActivationCache, Seen } from "./asking.ts";
import { onModel, tokensOf } from "./on_model.ts";
import { modelOf } from "./step.ts";
import type { Run } from "./run.ts";

const LOGITS = "logits";

/** See {@link Run.cache}. */
export function cacheOf(run: Run, text: string | Biography): ActivationCache {
  const cannot = "Cannot look";
  const tokens = tokensOf(run, cannot, text);
  const model = modelOf(run.configuration);
  const shapes: Record<string, readonly number[]> = {};
  const reading = callOf({
    name: `all places of ${tokens.length} tokens`,
    inputs: { tokens: { shape: [1, tokens.length], dtype: "int32" } },
    run(state, { tokens }) {
      const outputs: Tensors = {};
      const forward = edited(model, (place, layer, value) => {
        outputs[nameOf(place, layer)] = value;
      });
      outputs[LOGITS] = forward(state, tokens!);
      for (const [name, { shape }] of Object.entries(outputs)) shapes[name] = shape;
      return { outputs };
    },
  });
  const inputs = { tokens: Int32Array.from(tokens) };
  const values = onModel(run, cannot, reading, (engine) => reading.run(engine, inputs));
  const seenAt = (name: string): Seen => ({
    shape: shapes[name]!.slice(shapes[name]!.length === 4 ? 1 : 0),
    values: values[name] as Float32Array,
  });
  const { tokenizer } = run.corpus;
  const places = Object.keys(shapes).filter((name) => name !== LOGITS).map(placeOf);
  return {
    words: tokens.map((token) => tokenizer.decode([token]) || tokenizer.tokens[token]!),
    logits: seenAt(LOGITS),
    places,
    at(place, layer) {
      if (Object.hasOwn(shapes, nameOf(place, layer))) return seenAt(nameOf(place, layer));
      const names = [...new Set(places.map(([name]) => name))];
      throw new Error(
        `Cannot look: place and layer must be one of ${
          names.join(", ")
        } and a whole number from 0 ` +
          `to ${run.configuration.model.layers - 1}, got ${place} and ${layer}.`,
      );
    },
  };
}

const nameOf = (place: Place, layer: number) => `${place} ${layer}`;

function placeOf(name: string): [Place, number] {
  const [place, layer] = name.split(" ");
  return [place as Place, Number(layer)];
}
