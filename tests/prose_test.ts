// Prose of notebooks tells no results in figures: those are in outputs, made anew with every run. What
// numbers it has are of rules and of the paper, which claims hold, of definitions, or in the cells.

import { assertEquals } from "@std/assert";
import { STUDIES } from "../lib/studies/mod.ts";
import { experimentOf, formerRegime, regimeOf } from "../lib/study/mod.ts";

const NOTEBOOKS = new URL("../notebooks/", import.meta.url);
/** The confidence of intervals, and the thresholds of docs/protocol.md that claims do not name. */
const DEFINITIONS = [0.95, 1.05];
/** What runs are unless told otherwise. */
const REGIMES = [regimeOf, formerRegime].flatMap((regime) => {
  const { people, batch, steps } = regime("laptop").base;
  return [people, batch, steps];
});

interface Cell {
  cell_type: string;
  source: string | string[];
}

const sourceOf = ({ source }: Cell) => Array.isArray(source) ? source.join("") : source;

/** Numbers with a fraction, of a hundred and more, or in per cent, as they are written. */
function numbersIn(text: string): string[] {
  const words = text
    .replaceAll(/```[^]*?```|`[^`]*`/g, "")
    .replaceAll(/\[arXiv[^\]]*\]|\]\([^)]*\)|https?:\S+|\bet al\.\s+\d{4}/g, "");
  const number = /(?<![\w.,/-])(?:\d*\.\d+|\d{1,3}(?:,\d{3})+|\d+(?= %)|\d{3,})(?: %)?/g;
  return [...words.matchAll(number)].map(([written]) => written);
}

function valueOf(written: string): number {
  const value = Number(written.replace(" %", "").replaceAll(",", ""));
  return written.endsWith("%") ? value / 100 : value;
}

const valuesIn = (text: string): number[] =>
  [...text.matchAll(/(?<![\w.])\d*\.?\d+(?![\d.])/g)].map(([number]) => Number(number));

/** Numbers in the prose of cells that are not in `told`, nor in a cell with code. */
function untold(cells: readonly Cell[], told: readonly number[]): string[] {
  const isProse = ({ cell_type }: Cell) => cell_type === "markdown";
  const code = cells.filter((cell) => !isProse(cell)).map(sourceOf).join("\n");
  const values = new Set([...told, ...valuesIn(code), ...DEFINITIONS, ...REGIMES]);
  return cells.filter(isProse).flatMap((cell) => numbersIn(sourceOf(cell)))
    .filter((written) => !values.has(valueOf(written)));
}

/** Numbers of rules and of the paper in the claims of a notebook. */
function toldBy(notebook: string): number[] {
  return STUDIES.filter((study) => study.notebook === notebook)
    .flatMap((study) => experimentOf(study, "laptop").claims)
    .flatMap(({ rule, paper, quantity }) => [
      ...Object.values(rule).flat() as number[],
      ...valuesIn(paper),
      ...valuesIn(quantity),
    ]);
}

for (const notebook of ["01", "02", "03", "04", "05"]) {
  Deno.test(`numbers in notebook ${notebook}'s prose are of a rule, of the paper or in its cells`, () => {
    const [file] = [...Deno.readDirSync(NOTEBOOKS)].map(({ name }) => name)
      .filter((name) => name.startsWith(`${notebook}_`) && /^\w+\.ipynb$/.test(name));
    const { cells } = JSON.parse(Deno.readTextFileSync(new URL(file!, NOTEBOOKS)));
    assertEquals(untold(cells, toldBy(notebook)), []);
  });
}

Deno.test("a result that prose tells in figures is found", () => {
  const code = { cell_type: "code", source: "train({ people: 1536, steps: 3e3, rate: .3 })" };
  const prose = (source: string) => ({ cell_type: "markdown", source });
  const rules = [0.33, 0.8];
  assertEquals(
    untold([code, prose("1,536 people, .3 of them; 33 %, `7.7`, .80, 95 %; [a](b/9.99).")], rules),
    [],
  );
  assertEquals(
    untold([code, prose("It ends at .43 with 1,537 people, 41 %; N^0.82.")], rules),
    [".43", "1,537", "41 %", "0.82"],
  );
});
