// The public face: what it exports is documented by examples that run (`deno test --doc`).

import { assert, assertEquals } from "@std/assert";

interface Documented {
  name: string;
  declarations: { kind?: string; def?: { kind?: string }; jsDoc?: unknown }[];
}

/** What entry points export, in their order. */
async function documented(...entries: string[]): Promise<{ symbols: Documented[] }[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--quiet", "--import-map", ".cache/imports.json", ...entries],
  }).output();
  return Object.values(JSON.parse(new TextDecoder().decode(stdout)).nodes);
}

Deno.test("every function that lib/mod.ts exports has an example", async () => {
  const [face] = await documented("lib/mod.ts");
  const functions = face!.symbols.filter(({ declarations }) =>
    declarations.some((own) => (own.kind ?? own.def?.kind) === "function")
  );
  assert(functions.length > 100, `${functions.length} functions`);
  const without = functions.filter(({ declarations }) =>
    !declarations.some(({ jsDoc }) => JSON.stringify(jsDoc ?? "").includes("```ts"))
  );
  assertEquals(without.map(({ name }) => name), []);
});

Deno.test("examples of what is public import as its users do", async () => {
  const { exports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const modules = await documented(...Object.values<string>(exports));
  const symbols = modules.flatMap((module) => module.symbols);
  assert(symbols.length > 900, `${symbols.length} names`);
  const examples = symbols.map(({ name, declarations }) => ({
    name,
    text: JSON.stringify(declarations),
  }));
  const relative = examples.filter(({ text }) => /from \\"\.{1,2}\//.test(text));
  assertEquals(relative.map(({ name }) => name), []);
  assert(examples.some(({ text }) => text.includes('from \\"factlab\\"')));
});
