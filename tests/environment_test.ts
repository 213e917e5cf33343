// The docs' table of environment variables is the one that is read.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { variable, VARIABLES } from "../lib/environment.ts";

Deno.test("docs/scripts.md tells every variable, in the words of the table", () => {
  const page = Deno.readTextFileSync(new URL("../docs/scripts.md", import.meta.url));
  const rows = [...page.matchAll(/^\| `(FACTLAB_\w+)` +\| (.+?) +\|$/gm)];
  assertEquals(
    rows.map(([, name, says]) => [name, says]),
    Object.entries(VARIABLES).map(([name, { says }]) => [name, says]),
  );
});

Deno.test("no other file of lib reads the environment for factlab's variables", () => {
  const root = new URL("../lib/", import.meta.url);
  const files = (folder: URL): URL[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? files(new URL(`${name}/`, folder)) : [new URL(name, folder)]
    );
  const others = files(root).filter((file) =>
    /Deno\.env\.get\("FACTLAB/.test(Deno.readTextFileSync(file).replaceAll(/^ \*.*$/gm, ""))
  );
  assertEquals(others.map(({ pathname }) => pathname), []);
});

Deno.test("what a variable must be is told with what it is; empty is not set", () => {
  const name = "FACTLAB_CORES";
  const before = Deno.env.get(name);
  try {
    for (const [text, value] of [["2", "2"], [" 3 ", "3"], ["", undefined]] as const) {
      Deno.env.set(name, text);
      assertEquals(variable(name), value);
    }
    for (const text of ["0", "two", "1.5"]) {
      Deno.env.set(name, text);
      assertThrows(
        () => variable(name),
        Error,
        `FACTLAB_CORES must be a whole number >= 1, got "${text}"`,
      );
    }
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
  assert(Object.keys(VARIABLES).every((own) => own.startsWith("FACTLAB_")));
});
