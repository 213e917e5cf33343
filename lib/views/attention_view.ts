/**
 * Attention on one biography, to be looked through: which word looks at which, in every head.
 *
 * @module
 */

import {
  type Figure,
  figure,
  labelText,
  type Layout,
  plotlyText,
  sequentialScale,
  titleDrop,
} from "../figures/mod.ts";
import { personOf, stream } from "../generator/mod.ts";
import { mixerOf } from "../model/mod.ts";
import { patternsOf } from "../probes/mod.ts";
import { modelOf, onModel, type Run } from "../trainer/mod.ts";
import { wordLabels, wordLooks, WORDS_NOTE, wordsUntil } from "./word_labels.ts";

/** The menu. */
const PALE = "#f0f3f8";
/** A tenth of the attention is well seen: of the house's colours the darker ones come early. */
const SCALE = sequentialScale.map(([, color], at) => [[0, 0.1, 0.4, 1][at], color]);
/** Sentences that are shown: with more, not every word has a label that is read. */
const SENTENCES = 3;
const TITLE = "Attention on a biography of";
const READING = "Rows look at columns.";
/** Pixels of a row. */
const ROW = 16;
/** Pixels around the square of words, and for the scale at its right; on a phone there is none. */
const WIDE = { width: 760, left: 100, right: 90 };
const NARROW = { width: 360, left: 88, right: 4 };
/** Pixels for the menu, and for each line of the title. */
const [MENU, LINE] = [50, 20];

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
  const { words, looks, percents } = attentionOn(run, person);
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
  const layout = ({ width, left, right }: typeof WIDE, title: readonly string[]): Layout => {
    const above = MENU + LINE * title.length;
    const across = (width - left - right) / words.length;
    const ticks = words.map((word, at) => labelText(word, looks[at]));
    const look = { ticks: "", tickfont: { size: 12 }, tickvals: words.map((_, at) => at) };
    return {
      title: {
        text: title.map(plotlyText).join("<br>"),
        ...{ x: 0.01, xanchor: "left", font: { size: 15 }, yref: "container" },
        ...{ y: 1, yanchor: "top", pad: { t: 8 + titleDrop(title.length, 15) } },
      },
      width,
      height: above + ROW * words.length + left,
      margin: { l: left, r: right, t: above, b: left },
      // On a phone columns are too narrow for words, which are those of the rows.
      xaxis: { ...look, ticktext: ticks, tickangle: -90, showticklabels: across >= 12 },
      yaxis: { ...look, ticktext: ticks, autorange: "reversed" },
    };
  };
  const updatemenus = [{
    ...{ active, buttons, x: 0, xanchor: "left", y: 1, yanchor: "bottom" },
    // The menu is as light on a dark page, where Plotly's own light for it would hide its text.
    ...{ bgcolor: PALE, font: { size: 14, color: "#202020" } },
  }];
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
    // Pages have the menu on a phone, too: it holds every head once.
    layout: { ...layout(WIDE, [`${TITLE} ${name}`, `${READING} ${WORDS_NOTE}`]), updatemenus },
    narrow: layout(NARROW, [TITLE, name, READING, WORDS_NOTE]),
    alt: `Attention of ${layers} layers with ${heads} heads each on a biography of ${name}, ` +
      `word by word. ${WORDS_NOTE}`,
  });
}

/** The words of a biography, and each head's weights between them. */
function attentionOn(run: Run, person: number) {
  const { configuration, corpus } = run;
  const { model } = configuration;
  if (!mixerOf(model).places.includes("pattern")) {
    throw new Error(`Cannot show attention: a ${model.mixer} model has none.`);
  }
  const biography = corpus.writer.write(
    corpus.population,
    person,
    { set: "held-out", order: "shuffled" },
    stream(corpus.options.seed, "attention view", person),
  );
  const tokens = wordsUntil(biography, SENTENCES, corpus.tokenizer);
  const length = tokens.length;
  const patterns = patternsOf({ model, forward: modelOf(configuration), sequences: 1, length });
  const beginning = { ...biography, tokens: biography.tokens.slice(0, length + 1) };
  const { whole } = onModel(
    run,
    "Cannot show attention",
    patterns,
    (engine) => patterns.run(engine, [beginning]),
  );
  return {
    words: wordLabels(tokens),
    looks: wordLooks(biography),
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
