// The documents say what the code has: rows, studies, claims, links, and sections that code names.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { STUDIES } from "../lib/studies/mod.ts";
import { experimentOf, type Study } from "../lib/study/mod.ts";

/** Every claim of a study, with its row of the paper or null. */
const claimsOf = (
  study: Study,
): { id: string; row: number | null }[] => [...experimentOf(study, "laptop").claims];

const ROOT = new URL("../", import.meta.url);
const EXPERIMENTS = "docs/experiments.md";
const ROWS = 33;

const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));
const sorted = (texts: Iterable<string>) => [...texts].sort();

/** A line of one of the tables of experiments: its row, its notebook, whom and what it names. */
interface Line {
  /** Row of the paper, or null beyond it. */
  row: number | null;
  notebook: string;
  /** Names of studies with the files they are linked to. */
  studies: { name: string; file: string }[];
  claims: string[];
}

/** The lines of all tables: below "Notebook NN" row first, below the others notebook first. */
function linesOf(text: string): Line[] {
  return text.split(/^## /m).flatMap((section) => {
    const notebook = /^Notebook (\d\d)/.exec(section)?.[1];
    return section.split("\n").flatMap((line) => {
      const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
      if (!/^\d+$/.test(cells[0] ?? "")) return [];
      const linked = cells.flatMap((cell) => [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)]);
      return [{
        row: notebook === undefined ? null : Number(cells[0]),
        notebook: notebook ?? cells[0]!,
        studies: linked.map(([, name, file]) => ({ name: name!, file: file! })),
        claims: [...cells.at(-1)!.matchAll(/`([^`]+)`/g)].map(([, id]) => id!),
      }];
    });
  });
}

const LINES = linesOf(read(EXPERIMENTS));

Deno.test("every row of the paper has one line", () => {
  const rows = LINES.flatMap(({ row }) => row ?? []).sort((a, b) => a - b);
  assertEquals(rows, Array.from({ length: ROWS }, (_, i) => i + 1));
});

Deno.test("every study is named, with a link to its file, and no other is", () => {
  const named = LINES.flatMap(({ studies }) => studies);
  assertEquals(
    sorted(new Set(named.map(({ name }) => name))),
    sorted(STUDIES.map(({ name }) => name)),
  );
  for (const { name, file } of named) {
    const code = Deno.readTextFileSync(new URL(file, new URL(EXPERIMENTS, ROOT)));
    assert(code.includes(`  name: "${name}",\n`), `${file} must hold the study ${name}`);
  }
});

Deno.test("every claim stands in its row, once, beside its study and under its notebook", () => {
  for (const study of STUDIES) {
    for (const { id, row } of claimsOf(study)) {
      const own = LINES.filter(({ claims }) => claims.includes(id));
      assertEquals(own.map((line) => line.row), [row], `rows of ${id}`);
      assert(own[0]!.studies.some(({ name }) => name === study.name), `${id} is of ${study.name}`);
      assertEquals(own[0]!.notebook, study.notebook, `notebook of ${id}`);
    }
  }
  const ids = STUDIES.flatMap((study) => claimsOf(study).map(({ id }) => id));
  assertEquals(sorted(LINES.flatMap(({ claims }) => claims)), sorted(ids));
});

Deno.test("what experiments names in its text is a study, a claim or a file", () => {
  const known = new Set(STUDIES.flatMap((s) => [s.name, ...claimsOf(s).map(({ id }) => id)]));
  for (const [, name] of read(EXPERIMENTS).matchAll(/`([^`\n]+)`/g)) {
    if (known.has(name!)) continue;
    assert(Deno.statSync(new URL(name!, ROOT)).isFile, name);
  }
});

/** Headings as links to them are written. */
function anchorsOf(text: string): Set<string> {
  return new Set(
    headingsOf(text).map((heading) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

function headingsOf(text: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, "");
  return [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => heading!.trim());
}

/** What is wrong with a link of a document; undefined if it leads somewhere. */
function broken(from: string, link: string): string | undefined {
  const [path, anchor] = link.split("#") as [string, string | undefined];
  const file = path === "" ? new URL(from, ROOT) : new URL(path, new URL(from, ROOT));
  if (!file.pathname.startsWith(ROOT.pathname)) return `${from}: ${link} leads out of here`;
  try {
    if (Deno.statSync(file).isFile && anchor !== undefined) {
      if (!anchorsOf(Deno.readTextFileSync(file)).has(anchor)) return `${from}: no ${link}`;
    }
    return undefined;
  } catch {
    return `${from}: no ${link}`;
  }
}

Deno.test("every relative link leads to a file, and to a heading of it", () => {
  const documents = [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`);
  for (const document of [...documents, "CONTRIBUTING.md", "README.md", "LOG.md"]) {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    const relative = links.filter((link) => !/^[a-z]+:/.test(link));
    assertEquals(relative.flatMap((link) => broken(document, link) ?? []), []);
  }
  // And what leads nowhere is seen.
  assert(broken(EXPERIMENTS, "protocol.md#plateaus") && broken(EXPERIMENTS, "../lib/none.ts"));
  assertEquals(broken(EXPERIMENTS, "protocol.md#plateau"), undefined);
});

Deno.test("README has less than 250 lines, and numbers of its findings that are the scoreboard's", () => {
  const readme = read("README.md");
  assert(readme.split("\n").length <= 250, `${readme.split("\n").length} lines`);
  const [, told, board] = /^## What was found\n([^]*?)<!-- claims -->([^]*?)<!-- \/claims -->/m
    .exec(readme)!;
  const numbers = told!.replaceAll(/\s+/g, " ").match(/\d\S* \[[^\]]*\d\]/g)!;
  assert(numbers.length >= 5, `${numbers.length} numbers`);
  assertEquals(numbers.filter((number) => !board!.includes(number)), []);
});

interface Bench {
  comparisons: {
    ratio: number;
    best: string;
    variants: { variant: string; ms: number; peak: number; distance: number }[];
  }[];
}

Deno.test("what README says of speed is what the bench measured", () => {
  const [, section] = /^## How fast\n([^]*?)^## /m.exec(read("README.md"))!;
  const said = section!.replaceAll(/\s+/g, " ");
  const bench = (name: string) => JSON.parse(read(`bench/results/${name}.json`)) as Bench;
  const { comparisons } = bench("full");
  const measured = comparisons.map(({ ratio, best, variants }) => {
    const of = (wanted: string) => variants.find(({ variant }) => variant === wanted)!;
    const [ours, theirs] = [of("ours, compiled bf16"), of(best)];
    const float32 = variants.filter(({ variant }) =>
      /^PyTorch (eager|compile) fp32$/.test(variant)
    );
    return {
      line: `| ${ours.ms.toFixed()} ms | ${theirs.ms.toFixed()} ms ` +
        `(${best.replace("PyTorch ", "")}) | ${ratio.toFixed(2)}x |`,
      float32: Math.min(...float32.map(({ ms }) => ms)) / of("ours, compiled fp32").ms,
      memory: ours.peak / theirs.peak,
      distance: ours.distance,
      equal: Math.max(...float32.map(({ distance }) => distance)),
    };
  });
  for (const { line } of measured) assert(said.includes(line), line);
  const between = (key: "float32" | "memory") =>
    measured.map((one) => one[key]).sort((a, b) => a - b);
  const [slowest, fastest] = [between("float32")[0]!, between("float32").at(-1)!];
  assert(
    said.includes(`${slowest.toFixed(2)}x to ${fastest.toFixed(2)}x`),
    `${slowest} ${fastest}`,
  );
  const [least, most] = [between("memory")[0]!, between("memory").at(-1)!];
  assert(said.includes(`${least.toFixed(1)} to ${most.toFixed(1)} times`), `${least} ${most}`);
  assert(measured.every(({ distance, equal }) => distance <= 3e-5 && equal <= 3e-7));
  const repeat = bench("quick").comparisons.map(({ ratio }) => `${ratio.toFixed(2)}x`);
  for (const ratio of repeat) assert(said.includes(ratio), ratio);
});

Deno.test("the log has its newest entry first, and the records that it names are there", () => {
  const log = read("LOG.md");
  const entries = headingsOf(log).slice(1);
  assert(entries.length >= 37, `${entries.length} entries`);
  const dates = entries.map((heading) => {
    const [, date] = /^(\d{4}-\d\d-\d\d) · .{20,}$/.exec(heading) ?? [];
    assert(date, `${heading}: a date, and in a sentence how it went`);
    return date;
  });
  assertEquals(dates, dates.toSorted().reverse());
  const records = log.match(/\b[0-9a-f]{12}\b/g)!;
  for (const hash of records) {
    assert(Deno.statSync(new URL(`data/runs/${hash}.jsonl`, ROOT)).isFile);
  }
});

/** Files of a folder that people write, with those of its folders. */
function* filesIn(folder: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesIn(new URL(`${name}/`, folder));
    else if (/\.(ts|py|md)$/.test(name)) yield new URL(name, folder);
  }
}

Deno.test("a section that code names is there", () => {
  const folders = ["lib/", "tests/", "tools/"].map((folder) => new URL(folder, ROOT));
  let named = 0;
  for (const file of folders.flatMap((folder) => [...filesIn(folder)])) {
    if (file.href === import.meta.url) continue;
    // A comment may break anywhere.
    const text = Deno.readTextFileSync(file).replaceAll(/\s*\n\s*(\*|\/\/) /g, " ");
    for (const [all, folder, section] of text.matchAll(/(\S*)\bprotocol\.md(?:, "([^"]+)")?/g)) {
      assert(folder!.endsWith("docs/"), `${file.pathname}: ${all} must be docs/protocol.md`);
      if (section === undefined) continue;
      named++;
      const headings = headingsOf(read("docs/protocol.md"));
      assert(headings.includes(section), `${file.pathname}: docs/protocol.md has no "${section}"`);
    }
  }
  assert(named >= 7, `${named} sections are named`);
});

Deno.test("no notebook tells a folder of the machine that it was run on", () => {
  const path = /[\s">(](\/(?:[\w.-]+\/)+runs\/)/;
  assertMatch("files  /home/me/out/runs/1/", path);
  for (const { name } of Deno.readDirSync(new URL("notebooks/", ROOT))) {
    if (!/^\w+\.ipynb$/.test(name)) continue;
    const text = Deno.readTextFileSync(new URL(`notebooks/${name}`, ROOT));
    assertEquals(text.match(path)?.[1], undefined, name);
  }
});
