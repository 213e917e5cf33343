// A script in a folder of its own imports factlab as docs/runs.md says, and trains there.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const SCRIPT = `
import { readRecord, train } from "factlab";
const run = train({ scale: "smoke", people: 8, steps: 4 }, { fresh: true });
for await (const _ of run);
console.log(run.answer(0).length, "answers,", readRecord("13729e21cc54")!.record.measurements.length);
run.dispose();
`;

Deno.test("factlab is imported from another folder by the lines of its page", async () => {
  const folder = Deno.makeTempDirSync();
  const page = Deno.readTextFileSync(`${ROOT}docs/runs.md`);
  const [, lines] = /```json\n([^]*?)```/.exec(page)!;
  Deno.writeTextFileSync(`${folder}/deno.json`, lines!.replace("/path/to/factlab/", ROOT));
  Deno.writeTextFileSync(`${folder}/script.ts`, SCRIPT);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "script.ts"],
    cwd: folder,
    env: { FACTLAB_OUT: `${folder}/out` },
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, errors);
  assertStringIncludes(output!, "6 answers, ");
  assertEquals([...Deno.readDirSync(`${folder}/out/runs`)].length, 1);
  Deno.removeSync(folder, { recursive: true });
});
