/**
 * The demo: notebook 01 trained for real, no record read, and its page. Ends with the table of
 * the three phases and the time it took.
 *
 *     deno task demo [--device gpu]
 *
 * @module
 */

import { commandLine } from "./command_line.ts";
import { deviceNamed } from "./device.ts";

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

/** The parts of a notebook's cell that are read here. */
interface Cell {
  metadata: { tags?: string[] };
  outputs?: { data?: Record<string, string | string[]> }[];
}

/** What the cell with the tag `demo` shows, as text. */
function taggedText(path: string): string {
  const { cells }: { cells: Cell[] } = JSON.parse(Deno.readTextFileSync(path));
  const text = cells.find(({ metadata }) => metadata.tags?.includes("demo"))
    ?.outputs?.find(({ data }) => data?.["text/plain"])?.data?.["text/plain"];
  if (text) return [text].flat().join("");
  throw new Error(`Cannot show the phases: ${path} must have a cell tagged demo with an output.`);
}

const USAGE = `deno task demo [options]

Trains notebook 01 for real and makes its page, ${PAGE}; takes some minutes.

  --device NAME   cpu or gpu; what FACTLAB_DEVICE names by default, or cpu`;

/** What the notebook's kernel finds in its environment, as options of the runner. */
const variables = commandLine({
  usage: USAGE,
  options: { device: "text" },
  read(given) {
    const device = deviceNamed(given.device, "Cannot run the demo");
    const variables = { FACTLAB_FRESH: "1", FACTLAB_BUDGET: "0", FACTLAB_DEVICE: device };
    return Object.entries(variables)
      .flatMap(([name, value]) => value === undefined ? [] : ["--env", `${name}=${value}`]);
  },
});
const start = performance.now();
Deno.mkdirSync("out", { recursive: true });
console.log("Training a language model on made-up people; this takes some minutes …");
await run(
  "tools/notebook/run.py",
  "notebooks/01_phases.ipynb",
  ...["--timeout", "1500", ...variables, "--output", NOTEBOOK],
);
await run("tools/notebook/export.py", NOTEBOOK, "--output", PAGE);
console.log(taggedText(NOTEBOOK));
console.log(`\n${PAGE} is ready (${((performance.now() - start) / 60e3).toFixed(1)} min).`);
