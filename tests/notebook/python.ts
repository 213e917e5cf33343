// Runs the notebook tools as their users do, and hands back what they say.
// Leaves out set-up: `.venv` with Jupyter and the Deno kernel must be there.

const root = new URL("../../", import.meta.url);

/** What a program said before it ended. */
export interface Outcome {
  /** Its exit code. */
  code: number;
  /** What it wrote for errors. */
  stderr: string;
}

/** Runs one of the tools in tools/notebook/ from the checkout's root. */
export async function runTool(tool: string, ...args: string[]): Promise<Outcome> {
  const { code, stderr } = await new Deno.Command(".venv/bin/python", {
    args: ["-E", `tools/notebook/${tool}`, ...args],
    cwd: root,
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** The path of a fixture, from the checkout's root. */
export function fixture(name: string): string {
  return `tests/notebook/fixtures/${name}`;
}

/** An output of a cell, as far as the tests look at it. */
export interface Output {
  output_type: string;
  text?: string[];
  data?: Record<string, string[]>;
  ename?: string;
  traceback?: string[];
}

/** A cell, as far as the tests look at it. */
export interface Cell {
  cell_type: string;
  id: string;
  source: string[];
  metadata: Record<string, unknown>;
  execution_count?: number;
  outputs?: Output[];
}

/** The text of a notebook in format 4.5 with these cells; what they leave out is empty. */
export function notebookOf(
  ...cells: (Partial<Omit<Cell, "source" | "outputs">> & {
    source: string;
    outputs?: unknown[];
    attachments?: unknown;
  })[]
): string {
  const whole = cells.map((cell, at) => ({
    id: `c${at + 1}`,
    metadata: {},
    ...(cell.cell_type === "code" ? { execution_count: null, outputs: [] } : {}),
    ...cell,
  }));
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: whole });
}

/** The code cells of a notebook file. */
export async function codeCells(path: string | URL): Promise<Required<Cell>[]> {
  const { cells } = JSON.parse(await Deno.readTextFile(path)) as { cells: Cell[] };
  return cells.filter((cell) => cell.cell_type === "code") as Required<Cell>[];
}

/** Calls the function with the path of a new folder, which is gone afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
