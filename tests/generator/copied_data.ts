/**
 * A copy of data/ that a test may edit.
 *
 * @module
 */

import { DATA } from "../../lib/generator/lists.ts";

/** Calls a function with a copy of the lists, and removes the copy. */
export function withCopiedData(use: (folder: URL) => void): void {
  const path = Deno.makeTempDirSync({ prefix: "factlab_lists_" });
  try {
    const folder = new URL(`file://${path}/`);
    for (const part of ["attributes.json", "names/", "templates/", "values/"]) {
      copy(new URL(part, DATA), new URL(part, folder));
    }
    use(folder);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

function copy(from: URL, to: URL): void {
  if (!from.href.endsWith("/")) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    const part = isDirectory ? `${name}/` : name;
    copy(new URL(part, from), new URL(part, to));
  }
}

/** Changes the lines of a list. */
export function edit(folder: URL, file: string, change: (lines: string[]) => string[]): void {
  const url = new URL(file, folder);
  const lines = Deno.readTextFileSync(url).trimEnd().split("\n");
  Deno.writeTextFileSync(url, change(lines).join("\n") + "\n");
}
