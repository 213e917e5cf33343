// Random figures, drawn in a process of their own: one that dies fails the test and names its seed.

import { assertEquals } from "@std/assert";

/** Seeds that the gate draws: those that once found something, and others. */
const SEEDS = [376, 558, 2196, ...Array.from({ length: 30 }, (_, at) => 81 + at)];

/** What went wrong in a process that says the seed before it draws. */
async function troubles(args: string[]): Promise<string[]> {
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("../../", import.meta.url),
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const failed = lines.flatMap((line, at) =>
    line.startsWith("failed: ") ? [`${lines[at - 1]} ${line}`] : []
  );
  if (lines.at(-1) === "done") return failed;
  const last = lines.findLast((line) => line.startsWith("seed "));
  const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  return [...failed, `${last} ended the process: ${signal ?? code}, ${words}`];
}

Deno.test("whatever is drawn, there is a figure with pictures, or an error of the house's", async () => {
  const script = ["run", "-A", "--quiet", "tests/figures/hostile.ts"];
  assertEquals(await troubles([...script, ...SEEDS.map(String)]), []);
});

Deno.test("a process that dies names its seed; a strange error does too", async () => {
  const code =
    `console.log("seed 7\\nfailed: TypeError: a\\nseed 8"); Deno.kill(Deno.pid, "SIGABRT")`;
  assertEquals(await troubles(["eval", code]), [
    "seed 7 failed: TypeError: a",
    "seed 8 ended the process: SIGABRT, ",
  ]);
});
