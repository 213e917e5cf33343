/**
 * Which template a sentence was written with, found from its text alone.
 *
 * @module
 */

import type { Biography, Lists, Tokenizer } from "../../lib/generator/mod.ts";

/** Indices of the templates of a biography's sentences, by attribute. */
export function toldTemplates(
  { tokens, spans }: Biography,
  lists: Lists,
  tokenizer: Tokenizer,
): number[] {
  const solid = (text: string) => text.replaceAll(" ", "");
  return lists.attributes.map(({ templates }, attribute) => {
    const told = spans.filter((span) => span.attribute === attribute).map(({ kind, start, end }) =>
      kind === "text" ? tokenizer.decode(tokens.slice(start, end)) : `{${kind}}`
    ).join("");
    return templates.findIndex((template) => solid(template) === solid(told));
  });
}
