/**
 * Attention on one biography, to be looked through: which word looks at which, in every head.
 *
 * @module
 */

import { type Figure, figure, type Layout } from "../figures/mod.ts";
import { personOf, stream } from "../generator/mod.ts";
import { mixerOf } from "../model/mod.ts";
import { patternsOf } from "../probes/mod.ts";
import { modelOf, type Run, runShapes } from "../trainer/mod.ts";

/** No attention, and the menu. */
const PALE = "#f3f6fa";
/** A tenth of the attention is well seen. */
const SCALE = [[0, PALE], [0.1, "#b9d7ee"], [0.4, "#2f78b4"], [1, "#0a2a50"]];
/** Pixels around the square of words, and for the scale at its right; on a phone there is none. */
const WIDE = { width: 760, left: 120, right: 90 };
const NARROW = { width: 360, left: 70, right: 4 };
/** Pixels for title and menu. */
const ABOVE = 84;

/**
 * Attention on one biography, in sentences that the model has not been trained on: pick layer and
 * head, point at a cell to read which word looks at which. Rows are the words that look.
 *
 * @example
 * ```ts
 * import { attentionView, train } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(attentionView(run).alt);
 * run.dispose();
 * ```
 *
 * @throws {Error} if the run has no model, or none with attention, or no such person.
 */
export function attentionView(run: Run, person = 0): Figure {
  const { name } = personOf(run.corpus.population, person);
  const { words, percents } = attentionOn(run, person);
  const { layers, heads } = run.configuration.model;
  const buttons = Array.from({ length: layers * heads }, (_, i) => {
    const [layer, head] = [Math.floor(i / heads), i % heads];
    return {
      label: `layer ${layer + 1}, head ${head + 1}`,
      method: "restyle",
      args: [{ z: [percents(layer, head)] }],
    };
  });
  const active = (layers - 1) * heads;
  const title = `Attention on a biography of ${name}`;
  const layout = ({ width, left, right }: typeof WIDE): Layout => {
    const pixels = width - left - right;
    // Every word where there is room for small letters.
    const labels = { tickfont: { size: 8 }, ...(pixels > 8 * words.length ? { dtick: 1 } : {}) };
    const look = (text: string) => ({ ...labels, title: { text, font: { size: 14 } }, ticks: "" });
    return {
      title: { text: title, x: 0.01, xanchor: "left", font: { size: 15 } },
      width,
      height: ABOVE + pixels + left,
      margin: { l: left, r: right, t: ABOVE, b: left },
      xaxis: { ...look("word looked at"), tickangle: -90 },
      yaxis: { ...look("word that looks"), autorange: "reversed" },
      updatemenus: [{
        ...{ active, buttons, x: 0, xanchor: "left", y: 1, yanchor: "bottom" },
        // The menu is as light on a dark page, where Plotly's own light for it would hide its text.
        ...{ bgcolor: PALE, font: { size: 14, color: "#202020" } },
      }],
    };
  };
  return figure({
    data: [{
      type: "heatmap",
      x: words,
      y: words,
      z: percents(layers - 1, 0),
      ...{ zmin: 0, zmax: 100, colorscale: SCALE, reversescale: false },
      hovertemplate: "%{y} looks at %{x}: %{z} %<extra></extra>",
      colorbar: {
        title: { text: "share of attention (%)", side: "right", font: { size: 14 } },
        ...{ thickness: 14, outlinewidth: 0, tickfont: { size: 14 }, ypad: 0 },
      },
    }],
    layout: layout(WIDE),
    narrow: layout(NARROW),
    alt: `Attention of ${layers} layers with ${heads} heads each on a biography of ${name}, ` +
      "word by word",
  });
}

/** The words of a biography, and each head's weights between them. */
function attentionOn({ configuration, corpus, engine: trained }: Run, person: number) {
  const { model } = configuration;
  if (!mixerOf(model).places.includes("pattern")) {
    throw new Error(`Cannot show attention: a ${model.mixer} model has none.`);
  }
  if (!trained) {
    throw new Error(
      "Cannot show attention: there is no model yet. Iterate the run, or await run.load().",
    );
  }
  const biography = corpus.writer.write(
    corpus.population,
    person,
    { set: "held-out", order: "shuffled" },
    stream(corpus.options.seed, "attention view", person),
  );
  const length = biography.tokens.length - 1;
  const { state } = runShapes(configuration, corpus.tokenizer.vocabularySize);
  const patterns = patternsOf({ model, forward: modelOf(configuration), sequences: 1, length });
  const engine = trained.like({ state, calls: [patterns] });
  engine.write(trained.read());
  const { whole } = patterns.run(engine, [biography]);
  engine.dispose();
  return {
    // Invisible letters tell equal words apart, which would share a row otherwise.
    words: biography.tokens.slice(0, length).map((token, i) =>
      corpus.tokenizer.tokens[token]!.replace("▁", "") + "\u200b".repeat(i)
    ),
    // Plotly's packed numbers, a byte each: as lists, all heads would be megabytes of a notebook.
    percents: (layer: number, head: number) => ({
      dtype: "u1",
      shape: `${length},${length}`,
      bdata: Uint8Array.from(
        whole(layer).subarray(head * length ** 2, (head + 1) * length ** 2),
        (weight) => Math.round(100 * weight),
      ).toBase64(),
    }),
  };
}
