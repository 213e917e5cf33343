/**
 * Looking into one model: its parts, one person in its own words, its attention on one biography.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { type Figure, figure } from "../figures/mod.ts";
import {
  pack,
  personOf,
  type Population,
  probabilities,
  stream,
  templatesOf,
} from "../generator/mod.ts";
import { attendFunction } from "../probes/mod.ts";
import { forwardOf, parameterCount, parameterShapes } from "../model/mod.ts";
import { compile } from "../tensorflow/mod.ts";
import type { Run } from "../trainer/mod.ts";

/**
 * A model's parts: how many parameters, and how much memory they and their optimiser take.
 *
 * @example
 * ```ts
 * import { modelView } from "./inspect.ts";
 * import { train } from "../trainer/mod.ts";
 * console.log(modelView(train({ scale: "smoke" })).text);
 * ```
 */
export function modelView({ configuration: { model }, corpus }: Run): TextAndHtml {
  const shapes = parameterShapes(model, corpus.tokenizer.vocabularySize);
  const parts: [string, RegExp][] = [
    ["embedding (also the output layer)", /embed_tokens/],
    [model.mixer === "attention" ? "attention" : "recurrence", /self_attn|temporal_block/],
    ["MLP", /\.mlp\./],
    ["norms", /norm/],
  ];
  const rows = parts.map(([part, pattern]) => {
    const own = Object.entries(shapes).filter(([name]) => pattern.test(name));
    return { part, parameters: parameterCount(Object.fromEntries(own)) };
  });
  const total = parameterCount(shapes);
  const BYTES = 4;
  const STATES = 3;
  return table([...rows, { part: "all", parameters: total }], {
    caption:
      `${model.layers} layers, width ${model.width}, ${model.heads} heads, MLP ${model.mlp}, ` +
      `${model.activation}; ${(total * BYTES / 2 ** 20).toFixed(1)} MiB, with AdamW's moments ` +
      `${(STATES * total * BYTES / 2 ** 20).toFixed(1)} MiB`,
  });
}

/**
 * Biographies of a person that a run has drawn up to its last measurement, on average.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { exposuresOf } from "./inspect.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(exposuresOf(run, 0));
 * run.dispose();
 * ```
 */
export function exposuresOf({ configuration, measurements }: Run, person: number): number {
  const { schedule, people, batch } = configuration;
  const decisions = measurements.at(-1)?.decisions ?? [];
  const end = measurements.at(-1)?.step ?? 0;
  let [begin, decided, seen] = [0, 0, 0];
  for (const phase of schedule) {
    const until = phase.until
      ? decisions[decided++]?.step ?? end
      : begin + (phase.steps ?? Infinity);
    const steps = Math.max(0, Math.min(end, until) - begin);
    seen += steps * batch * probabilities(phase.people, people)[person]!;
    begin = Math.max(begin, Math.min(end, until));
  }
  return seen;
}

/**
 * One person as a model sees them: what it says for each attribute, how sure it is, whether it is
 * right, and how often the person was seen. `of: "unseen"` asks about somebody it never met.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { personView } from "./inspect.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(personView(run, 0).text);
 * run.dispose();
 * ```
 *
 * @throws {Error} if the run has no model: iterate it, or await run.load().
 */
export function personView(
  run: Run,
  person: number,
  { of = "population" }: { of?: "population" | "unseen" } = {},
): TextAndHtml {
  const group = run.corpus[of];
  checkPerson(person, group);
  const { name, values } = personOf(group, person);
  const rows = group.lists.attributes.map((attribute, a) => {
    const template = attribute.templates[templatesOf(group, person, a, "held-out")[0]!]!;
    const prompt = template.slice(0, template.indexOf("{value}")).replace("{name}", name).trim();
    const truth = values[attribute.name]!;
    const tokens = run.corpus.tokenizer.encode(truth).length;
    const { text, probabilities } = run.completion(prompt, { maxTokens: tokens });
    return {
      attribute: attribute.label,
      "it says": text,
      "how sure": probabilities.reduce((product, p) => product * p, 1),
      truth,
      right: text === truth ? "yes" : "no",
    };
  });
  const seen = of === "unseen"
    ? "never met"
    : `seen about ${exposuresOf(run, person).toFixed(0)} times`;
  return table(rows, { caption: `${name}, ${seen}; held-out sentences, greedy` });
}

function checkPerson(person: number, { size }: Population): void {
  if (Number.isInteger(person) && person >= 0 && person < size) return;
  throw new Error(`Cannot show a person: the index must be from 0 to ${size - 1}, got ${person}.`);
}

/**
 * Attention on one biography, to be looked through: pick layer and head, point at a cell to read
 * which word looks at which. Rows are the words that look.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { attentionView } from "./inspect.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(attentionView(run).alt);
 * run.dispose();
 * ```
 *
 * @throws {Error} if the run has no model, or none with attention.
 */
export function attentionView(run: Run, person = 0): Figure {
  const { model } = run.configuration;
  if (model.mixer !== "attention") {
    throw new Error("Cannot show attention: a recurrent model has none.");
  }
  if (!run.engine) {
    throw new Error(
      "Cannot show attention: there is no model yet. Iterate the run, or await run.load().",
    );
  }
  const { corpus } = run;
  checkPerson(person, corpus.population);
  const known = corpus.writer.write(
    corpus.population,
    person,
    { set: "held-out", order: "shuffled" },
    stream(corpus.options.seed, "attention view", person),
  );
  const length = known.tokens.length - 1;
  const shapes = parameterShapes(model, corpus.tokenizer.vocabularySize);
  const engine = compile({
    state: shapes,
    functions: { attend: attendFunction(forwardOf(model), { sequences: 1, length }) },
  });
  engine.write(run.engine.read(Object.keys(shapes)));
  const outputs = engine.run("attend", { tokens: pack([known], length).inputs });
  engine.dispose();
  const words = known.tokens.slice(0, length).map((token, i) =>
    `${corpus.tokenizer.tokens[token]!.replace("▁", "")}${"\u200b".repeat(i)}`
  );
  const weights = (layer: number, head: number) =>
    words.map((_, query) =>
      words.map((_, key) => {
        if (key > query) return null;
        const at = ((head * length) + query) * length + key;
        return Number(outputs[`pattern/${layer}`]![at]!.toFixed(2));
      })
    );
  const views = Array.from({ length: model.layers * model.heads }, (_, i) => ({
    layer: Math.floor(i / model.heads),
    head: i % model.heads,
  }));
  const last = (model.layers - 1) * model.heads;
  const { name } = personOf(corpus.population, known.person);
  return figure({
    data: [{
      type: "heatmap",
      x: words,
      y: words,
      z: weights(views[last]!.layer, views[last]!.head),
      ...{ zmin: 0, zmax: 1, colorscale: "Blues", reversescale: false, showscale: false },
      hovertemplate: "%{y} looks at %{x}: %{z}<extra></extra>",
    }],
    layout: {
      title: `Attention on a biography of ${name}`,
      width: 760,
      height: 820,
      margin: { l: 110, r: 10, t: 90, b: 110 },
      xaxis: { tickangle: -90, tickfont: { size: 9 }, side: "bottom" },
      yaxis: { autorange: "reversed", tickfont: { size: 9 } },
      updatemenus: [{
        ...{ active: last, x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" },
        buttons: views.map(({ layer, head }) => ({
          label: `layer ${layer + 1}, head ${head + 1}`,
          method: "restyle",
          args: [{ z: [weights(layer, head)] }],
        })),
      }],
    },
    alt: `Attention of every layer and head on a biography of ${name}, word by word`,
  });
}
