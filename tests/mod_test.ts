// The public face: what it exports is documented by examples that run (`deno test --doc`).

import { assert, assertEquals } from "@std/assert";

interface Documented {
  name: string;
  declarations: { kind?: string; def?: { kind?: string }; jsDoc?: unknown }[];
}

Deno.test("every function that lib/mod.ts exports has an example", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--quiet", "--import-map", ".cache/imports.json", "lib/mod.ts"],
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const [face] = Object.values(nodes) as { symbols: Documented[] }[];
  const functions = face!.symbols.filter(({ declarations }) =>
    declarations.some((own) => (own.kind ?? own.def?.kind) === "function")
  );
  assert(functions.length > 100, `${functions.length} functions`);
  const without = functions.filter(({ declarations }) =>
    !declarations.some(({ jsDoc }) => JSON.stringify(jsDoc ?? "").includes("```ts"))
  );
  assertEquals(without.map(({ name }) => name), []);
});
