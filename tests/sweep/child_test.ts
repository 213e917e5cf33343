// Processes that misbehave: whatever they do is their own fault, and told.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { runChild } from "../../lib/sweep/child.ts";
import { parseLine, type WorkerLine } from "../../lib/sweep/engine.ts";
import { LOG_LENGTH, reasonOf } from "../../lib/sweep/failure.ts";

/** Runs a shell script; hands back its ending and the steps it has told. */
async function sh(
  script: string,
  options: Partial<Parameters<typeof runChild>[1]> = {},
) {
  const told: unknown[] = [];
  const onLine = (line: string) => {
    const own = parseLine(line);
    if (own) told.push(own);
    return own !== undefined;
  };
  const stopped = new AbortController().signal;
  const args = ["-c", script];
  return { ...await runChild("/bin/sh", { args, input: "", onLine, stopped, ...options }), told };
}

Deno.test("a worker's lines are read among whatever libraries print", async () => {
  const run = "0123456789ab";
  const [first, second, third, fourth]: WorkerLine[] = [
    { run, step: 1 },
    { run, step: 2 },
    { run: "ba9876543210", step: 4, end: "held" },
    // What a run says of its failure is its own, whatever it looks like.
    { run, step: 5, end: "failed", why: `it printed {"run":"${run}","step":6}` },
  ];
  const line = JSON.stringify;
  const { told, log, code } = await sh(`
    echo 'onednn_verbose,primitive,exec'
    echo '${line(first)}'
    printf 'no line break ${line(second)}\\n'
    echo 5; echo null; echo '[]'; echo '{"step":3}'; echo '{"run":"x","step":3}'
    echo '${line({ run, step: "3" })}'; echo '${line({ run, step: 3 })} and more'
    echo 'a warning' >&2
    echo '${line(third)}'
    cat <<'END'
${line(fourth)}
END
  `);
  assertEquals(told, [first, second, third, fourth]);
  assertEquals(code, 0);
  for (const line of ["onednn_verbose", "null", '"step":3} and more', "a warning"]) {
    assertStringIncludes(log, line);
  }
});

Deno.test("megabytes without a line break are not kept, and what follows is read", async () => {
  const { told, log } = await sh(
    `head -c 20000000 /dev/zero; echo; echo '{"run":"0123456789ab","step":7}'`,
  );
  assertEquals(told.length, 1);
  assert(log.length <= LOG_LENGTH);
});

Deno.test("a killed, a crashed and a failing process say what ended them", async () => {
  assertEquals(reasonOf(await sh("kill -KILL $$")), "killed (SIGKILL): out of memory?");
  assertEquals(reasonOf(await sh("exit 137")), "killed (SIGKILL): out of memory?");
  assertEquals(
    reasonOf(await sh("echo Fatal >&2; kill -SEGV $$")),
    "ended by SIGSEGV Its last words: Fatal",
  );
  assertEquals(reasonOf(await sh("exit 3")), "ended with exit code 3");
  const error = "error: Uncaught (in promise) TypeError: no such thing\n    at file.ts:1:2";
  assertEquals(reasonOf(await sh(`echo '${error}' >&2; exit 1`)), "TypeError: no such thing");
});

Deno.test("one that does not end on SIGTERM is killed", async () => {
  const stop = new AbortController();
  const onLine = () => {
    stop.abort();
    return true;
  };
  const script = `trap '' TERM; echo ready; while :; do read line < /dev/zero; done`;
  const { signal } = await sh(script, { onLine, stopped: stop.signal, patience: 50 });
  assertEquals(signal, "SIGKILL");
  // One that was stopped before it began ends as well.
  const { signal: early } = await sh("exec sleep 60", { stopped: AbortSignal.abort() });
  assertEquals(early, "SIGTERM");
});

Deno.test("what a process leaves behind does not keep it", async () => {
  const { code, log } = await sh("sleep 60 & echo $!");
  assertEquals(code, 0);
  Deno.kill(Number(log), "SIGKILL"); // An error if it has ended.
});

Deno.test("what a process is told may be long, and need not be read", async () => {
  const input = "x".repeat(3_000_000);
  const { log } = await sh("head -n 1 | wc -c", { input });
  assertEquals(Number(log), input.length + 1);
  assertEquals((await sh("exit 0", { input })).code, 0);
});

Deno.test("one that cannot be started is an error of its own", async () => {
  const options = {
    args: [],
    input: "",
    onLine: () => true,
    stopped: new AbortController().signal,
  };
  await assertRejects(() => runChild("/nonexistent/deno", options), Deno.errors.NotFound);
});
