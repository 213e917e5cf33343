// `deno task models`: trains what is nowhere, exports it once, and says what is there.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openModel } from "../../lib/trainer/mod.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("the headline models are made once, small and ready to be asked", async () => {
  const FACTLAB_OUT = Deno.makeTempDirSync();
  const models = async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "tools/models.ts", "--scale", "smoke", "--seeds", "1"],
      cwd: ROOT,
      env: { FACTLAB_OUT },
    }).output();
    const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals(code, 0, errors);
    return output!;
  };
  const made = await models();
  const [, folder, size] = /(\S+\/models\/[0-9a-f]{12}\/): (\d\.\d\d) MB/.exec(made) ?? [];
  assert(folder && Number(size) < 2, made);
  assertStringIncludes(await models(), `${folder} is there.`);
  const model = await openModel(new URL(`file://${folder}`));
  assertMatch(model.answer(0)[0]!.prompt, /\w/);
  model.dispose();
  Deno.removeSync(FACTLAB_OUT, { recursive: true });
});
