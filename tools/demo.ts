/**
 * The demo: notebook 01 trained for real, no record read, and its page. Ends with the table of
 * the three phases and the time it took.
 *
 * @module
 */

const PYTHON = ".venv/bin/python";
const NOTEBOOK = "out/01_phases.ipynb";
const PAGE = "out/01_phases.html";

async function run(...args: string[]): Promise<void> {
  const output = await new Deno.Command(PYTHON, { args: ["-E", ...args] }).output();
  Deno.stdout.writeSync(output.stdout);
  Deno.stderr.writeSync(output.stderr);
  const { success, code } = output;
  if (!success) {
    console.error(`The demo failed: ${args[0]} ended with exit code ${code}.`);
    Deno.exit(1);
  }
}

/** The table of the phases in a notebook's outputs, as text. */
function phasesTable(path: string): string {
  const { cells } = JSON.parse(Deno.readTextFileSync(path));
  const texts = cells.flatMap((
    cell: { outputs?: { data?: Record<string, string | string[]> }[] },
  ) => (cell.outputs ?? []).map(({ data }) => data?.["text/plain"])).map((
    text: string | string[] | undefined,
  ) => Array.isArray(text) ? text.join("") : text ?? "");
  return texts.find((text: string) => text.includes("plateau level")) ?? "no table found";
}

const start = performance.now();
Deno.mkdirSync("out", { recursive: true });
console.log("Training a language model on made-up people; this takes some minutes …");
await run(
  "tools/notebook/run.py",
  "notebooks/01_phases.ipynb",
  ..."--timeout 1500 --env FACTLAB_FRESH=1 --env FACTLAB_BUDGET=0 --output".split(" "),
  NOTEBOOK,
);
await run("tools/notebook/export.py", NOTEBOOK, "--output", PAGE);
console.log(phasesTable(NOTEBOOK));
console.log(`\n${PAGE} is ready (${((performance.now() - start) / 60e3).toFixed(1)} min).`);
