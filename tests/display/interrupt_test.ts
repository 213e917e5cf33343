import { assertEquals, assertStringIncludes } from "@std/assert";
import { stopSignal } from "../../lib/display/interrupt.ts";

const WAITS = `
import { stopSignal } from ${JSON.stringify(import.meta.resolve("../../lib/display/interrupt.ts"))};
using stop = stopSignal();
console.log("waiting");
await new Promise((go) => setTimeout(go, 20_000));
`;

/** Sends signals, one after the other is answered, to a program that waits; its exit code. */
async function codeAfter(signals: Deno.Signal[]): Promise<{ code: number; errors: string }> {
  const path = Deno.makeTempFileSync({ suffix: ".ts" });
  Deno.writeTextFileSync(path, WAITS);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-RWE", "--quiet", path],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  const errors = child.stderr.getReader();
  let told = "";
  for (const [i, signal] of signals.entries()) {
    child.kill(signal);
    // Another signal than the first is answered by nothing.
    if (i > 0 && signal !== signals[0]) await new Promise((go) => setTimeout(go, 500));
    else told += new TextDecoder().decode((await errors.read()).value);
  }
  const { code } = await child.status;
  await output.cancel();
  await errors.cancel();
  Deno.removeSync(path);
  return { code, errors: told };
}

Deno.test("the first signal is told, the second ends a script at once", async () => {
  for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { code, errors } = await codeAfter([signal, signal]);
    assertEquals(code, expected);
    assertStringIncludes(errors, "once more ends at once");
  }
});

Deno.test("Ctrl-C and a parent's SIGTERM are one wish, whichever comes first", async () => {
  // If the other signal ended the program, its code would tell.
  assertEquals((await codeAfter(["SIGINT", "SIGTERM", "SIGINT"])).code, 130);
  assertEquals((await codeAfter(["SIGTERM", "SIGINT", "SIGTERM"])).code, 143);
});

Deno.test("after it is disposed, a signal ends a script as ever", () => {
  const stop = stopSignal();
  assertEquals(stop.signal.aborted, false);
  stop[Symbol.dispose]();
  // Twice: the listeners are gone, and removing them again does not throw.
  stop[Symbol.dispose]();
});
