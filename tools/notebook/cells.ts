// Type-checks and lints notebooks: their code cells become one module each, inside the checkout so
// that the names of its import map resolve; what Deno reports is told by notebook and cell.
// Leaves out running cells (run.py) and formatting, which Deno does for notebooks by itself.
//
//     deno run -R -W --allow-run tools/notebook/cells.ts check notebooks/*.ipynb

import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A line of a notebook: its cell and the line within it, both counted from one. */
export interface CellLine {
  /** The cell's number among all cells of the notebook. */
  cell: number;
  /** The line within the cell. */
  line: number;
}

/** The code of a notebook as one module. */
export interface ExtractedCells {
  /** TypeScript, cell after cell; nothing is wrapped, so `await` stands at the top. */
  source: string;
  /** The cell and line that a line of the source came from, counted from one. */
  lineOf(line: number): CellLine | undefined;
}

/**
 * The code cells of a notebook as one module.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { extractCells } from "./cells.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".ipynb" });
 * const cells = [
 *   { cell_type: "markdown", source: "Hi" },
 *   { cell_type: "code", source: ["1;\n", "2;"] },
 * ];
 * await Deno.writeTextFile(path, JSON.stringify({ nbformat: 4, cells }));
 * const { source, lineOf } = await extractCells(path);
 * assertEquals(source, "1;\n2;\n");
 * assertEquals(lineOf(2), { cell: 2, line: 2 });
 * ```
 */
export async function extractCells(path: string): Promise<ExtractedCells> {
  const lines: string[] = [];
  const origins: CellLine[] = [];
  for (const [index, { cell_type, source }] of (await readCells(path)).entries()) {
    if (cell_type !== "code") continue;
    const text = typeof source === "string" ? source : source.join("");
    for (const [at, line] of text.split(/\r?\n/).entries()) {
      lines.push(fromHere(line, path));
      origins.push({ cell: index + 1, line: at + 1 });
    }
  }
  return { source: lines.join("\n") + "\n", lineOf: (line) => origins[line - 1] };
}

/** A file that is no notebook; the text says which, and why. */
class NotebookError extends Error {}

interface Cell {
  cell_type: string;
  source: string | string[];
}

async function readCells(path: string): Promise<Cell[]> {
  const refused = (why: string) => new NotebookError(`Cannot read notebook ${path}: ${why}`);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw refused((error as Error).message);
  }
  let cells: unknown;
  try {
    cells = JSON.parse(new TextDecoder().decode(bytes)).cells; // A byte-order mark is passed over.
  } catch (error) {
    throw refused(`must be JSON in UTF-8 (${(error as Error).message})`);
  }
  if (!Array.isArray(cells)) throw refused("must have cells");
  const bad = cells.findIndex((cell) =>
    typeof cell?.source !== "string" && !Array.isArray(cell?.source)
  );
  if (bad >= 0) throw refused(`cell ${bad + 1} must have a source`);
  return cells;
}

/** Imports of files are meant from the notebook's folder, which the module does not stand in. */
function fromHere(line: string, notebook: string): string {
  return line.replace(
    /((?:from|import)\s*\(?\s*)(["'])(\.\.?\/[^"']+)\2/g,
    (_, before, quote, target) =>
      before + quote + pathToFileURL(resolve(dirname(notebook), target)).href + quote,
  );
}

/** What may be done with the modules. */
export type Command = "check" | "lint";

/** How `deno` is asked for it. A cell may leave a name for its reader to use. */
const commands: Readonly<Record<Command, readonly string[]>> = {
  // The set-up's import map: it needs no JSR.
  check: ["check", "--quiet", "--import-map", ".cache/imports.json"],
  lint: ["lint", "--quiet", "--rules-exclude=no-unused-vars,no-console"],
};

/** The outcome of checking notebooks. */
export interface CheckedCells {
  /** Whether nothing was found. */
  ok: boolean;
  /** What Deno wrote, with notebooks and cells for files and lines. */
  report: string;
}

/**
 * Checks each notebook as one module.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkCells } from "./cells.ts";
 *
 * assertEquals(await checkCells("check", []), { ok: true, report: "" });
 * ```
 */
export async function checkCells(
  command: Command,
  notebooks: readonly string[],
): Promise<CheckedCells> {
  if (notebooks.length === 0) return { ok: true, report: "" };
  const root = fileURLToPath(new URL("../../", import.meta.url));
  // Not in .cache, which Deno's linter leaves out.
  const folder = await Deno.makeTempDir({ dir: root, prefix: ".cells-" });
  try {
    const modules = await Promise.all(notebooks.map(async (notebook, index) => {
      const path = join(folder, `${index}.ts`);
      const cells = await extractCells(notebook);
      // An import makes a module of any text, so that `await` is allowed at its top.
      await Deno.writeTextFile(path, `${cells.source}export {};\n`);
      return { path, notebook, cells };
    }));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...commands[command], ...modules.map(({ path }) => path)],
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    let report = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    for (const { path, notebook, cells } of modules) {
      report = inTermsOfCells(report, path, notebook, cells);
    }
    return { ok: success, report: success ? "" : report.trim() };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function inTermsOfCells(
  report: string,
  path: string,
  notebook: string,
  { lineOf }: ExtractedCells,
): string {
  const place = new RegExp(`(?:file://)?${RegExp.escape(path)}(?::(\\d+)(?::(\\d+))?)?`, "g");
  return report.replace(place, (_, line?: string, column?: string) => {
    const origin = line === undefined ? undefined : lineOf(Number(line));
    if (origin === undefined) return notebook;
    return `${notebook}, cell ${origin.cell}, line ${origin.line}${column ? `:${column}` : ""}`;
  });
}

if (import.meta.main) {
  const [command, ...notebooks] = Deno.args;
  if (command !== "check" && command !== "lint") {
    console.error(`Cannot check cells: command must be check or lint, got ${command}`);
    Deno.exit(2);
  }
  const { ok, report } = await checkCells(command, notebooks).catch((error) => {
    if (error instanceof NotebookError) return { ok: false, report: error.message };
    throw error;
  });
  if (!ok) {
    console.error(report);
    Deno.exit(1);
  }
  console.log(
    `${command}: ${notebooks.length} notebook${notebooks.length === 1 ? "" : "s"}, nothing found`,
  );
}
