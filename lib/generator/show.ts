/**
 * How populations and biographies look to a person, in a notebook and in a terminal.
 *
 * @module
 */

import { escapeHtml, table, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import type { Biography } from "./biography.ts";
import { personOf, type Population } from "./population.ts";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * The first people of a population as a table.
 *
 * @example
 * ```ts
 * import { createPopulation, loadLists, peopleTable } from "./mod.ts";
 * const population = createPopulation({ lists: loadLists("laptop"), people: 512, seed: 0 });
 * console.log(peopleTable(population, 3).text);
 * ```
 */
export function peopleTable(population: Population, count = 5): TextAndHtml {
  const shown = Math.min(count, population.size);
  const rows = Array.from({ length: shown }, (_, i) => {
    const { name, values } = personOf(population, i);
    return { name, ...values };
  });
  const labels = population.lists.attributes.map(({ name, label }) => ({
    key: name,
    title: label,
  }));
  return table(rows, {
    columns: [{ key: "name", title: "name" }, ...labels],
    caption: `${shown} of ${population.size} people`,
  });
}

/** A page may set its own, JupyterLab's themes have theirs, and other places are light. */
const COLOURS = {
  name: "var(--factlab-name,var(--jp-brand-color0,#0060a0))",
  value: "var(--factlab-value,var(--jp-warn-color0,#b04a00))",
  text: "inherit",
} as const;

/**
 * A biography with its names (blue) and values (orange) marked; [name] and {value} in text.
 *
 * @example
 * ```ts
 * import { configure, corpusOf } from "../trainer/mod.ts";
 * import { batchAt } from "./batches.ts";
 * import { biographyView } from "./show.ts";
 * const corpus = corpusOf(configure({ scale: "smoke" }));
 * const [biography] = batchAt(corpus, { step: 0, batch: 1 });
 * console.log(biographyView(biography!, corpus.tokenizer).text); // [names] and {values} marked
 * ```
 */
export function biographyView(biography: Biography, tokenizer: Tokenizer): TextAndHtml {
  const parts = biography.spans.map(({ kind, start, end }) => {
    const text = tokenizer.decode(biography.tokens.slice(start, end));
    // Punctuation and possessives follow their word without a space.
    const attached = /^[.,;:']/.test(text) || start === 1;
    return { kind, text, space: attached ? "" : " " };
  });
  const marks = { name: ["[", "]"], value: ["{", "}"], text: ["", ""] } as const;
  const plain = parts.map(({ kind, text, space }) => space + marks[kind].join(text)).join("");
  const html = parts.map(({ kind, text, space }) => {
    const style = kind === "text" ? "" : ` style="color:${COLOURS[kind]};font-weight:600"`;
    return `${space}<span${style}>${escapeHtml(text)}</span>`;
  }).join("");
  return textAndHtml(plain, `<p style="max-width:46em;line-height:1.5">${html}</p>`);
}
