import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseRecord } from "../../lib/trainer/mod.ts";
import { checkpointSteps } from "../../lib/trainer/checkpoint.ts";
import { folderOf } from "./victim.ts";

/**
 * Trains in a name space of its own, in which the run's folder is a file system with these mount
 * options; afterwards copies what is in it to `copy`.
 */
async function trainMounted(seed: number, options: string) {
  const folder = folderOf(seed).pathname;
  const copy = Deno.makeTempDirSync({ prefix: "factlab-disk-" });
  Deno.mkdirSync(folder, { recursive: true });
  try {
    const script = `mount -t tmpfs -o ${options} tmpfs "$1" || exit 99
      "$2" run -RWE --allow-ffi --quiet tests/durability/worker.ts ${seed}; code=$?
      cp -r "$1/." "$3"; exit $code`;
    const { code, stderr } = await new Deno.Command("unshare", {
      args: ["-rm", "sh", "-c", script, "sh", folder, Deno.execPath(), copy],
      cwd: new URL("../../", import.meta.url),
      stdout: "null",
    }).output();
    const errors = new TextDecoder().decode(stderr);
    assert(code !== 99, `Cannot mount a file system: ${errors}`);
    return { code, errors, files: new URL(`file://${copy}/`) };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Some machines let only root mount anything, even in a name space of one's own. */
const ignore = await (async () => {
  try {
    const mount = "mount -t tmpfs tmpfs /tmp";
    const { success } = await new Deno.Command("unshare", { args: ["-rm", "sh", "-c", mount] })
      .output();
    return !success;
  } catch {
    return true;
  }
})();

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

test("a full disk ends the run with advice, and the last good checkpoint is intact", async () => {
  // Room for two checkpoints of 276 kB, not for the one that is to replace the older.
  const { code, errors, files } = await trainMounted(40, "size=700k");
  try {
    assert(code !== 0);
    assertStringIncludes(errors, "Cannot write ");
    assertStringIncludes(errors, "The disk is full");
    const steps = checkpointSteps(files);
    assert(steps.length > 0, "no checkpoint is left");
    assertEquals([...Deno.readDirSync(files)].filter(({ name }) => name.endsWith(".part")), []);
    const lines = Deno.readTextFileSync(new URL("record.part.jsonl", files)).split("\n");
    parseRecord(lines.slice(0, -1).join("\n"));
  } finally {
    Deno.removeSync(files, { recursive: true });
  }
});

test("a folder that cannot be written ends the run before it begins", async () => {
  const { code, errors, files } = await trainMounted(41, "ro");
  Deno.removeSync(files, { recursive: true });
  assert(code !== 0);
  assertStringIncludes(errors, "Cannot write ");
  assertStringIncludes(errors, "must be writable");
});
