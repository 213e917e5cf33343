// What a record says of the machine is known, or not said.

import { assertEquals, assertMatch } from "@std/assert";
import { environment, openTensorFlow } from "../../lib/engine/mod.ts";

Deno.test("versions are those of what is loaded, and no words in their place", async () => {
  // Other tests may have opened it already: in a process of its own it has not been.
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { environment } from "./lib/engine/mod.ts"; console.log(JSON.stringify(environment()))`,
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const before = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([before.deno, before.tfjs, before.tensorflow], [
    Deno.version.deno,
    undefined,
    undefined,
  ]);
  await openTensorFlow();
  const { tfjs, tensorflow } = environment();
  for (const version of [tfjs, tensorflow]) assertMatch(String(version), /^\d+\.\d+\.\d+$/);
});

Deno.test("committed benches name the versions they measured", () => {
  for (const name of ["full", "quick", "scaling"]) {
    const file = new URL(`../../bench/results/${name}.json`, import.meta.url);
    const { machine } = JSON.parse(Deno.readTextFileSync(file));
    assertMatch(machine.tensorflow, /^\d+\.\d+\.\d+$/, name);
  }
});
