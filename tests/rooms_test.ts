// The rooms of lib/: imports point one way, down this list, through doors; no two files look at each
// other. Types count: what a file says of another, it knows of it.

import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path";

/** Rooms from top to bottom. */
const ROOMS = [
  ...["studies", "study", "views", "readings", "figures", "sweep", "trainer", "probes", "model"],
  ...["generator", "engine", "display"],
];

/** All that imports look down: the public face, the rooms, what all of them may read. */
const ORDER = ["mod.ts", ...ROOMS, "environment.ts"];

/** Files of lib/ by the files they import. */
type Imports = Map<string, string[]>;

const LIB = new URL("../lib/", import.meta.url);

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, LIB))) {
    if (isDirectory) yield* filesIn(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield folder + name;
  }
}

/** Paths of what a file imports or re-exports, types too; what examples import does not count. */
function importedBy(file: string, source: string): string[] {
  const code = source.replaceAll(/\/\*[^]*?\*\//g, "");
  const statements = code.matchAll(/^(?:import|export)\b[^;"'`=()]*?"(\.[^"]+)"/gm);
  const calls = code.matchAll(/\bimport\(\s*"(\.[^"]+)"/g);
  return [...statements, ...calls].map(([, path]) => join(dirname(file), path!));
}

const IMPORTS: Imports = new Map(
  [...filesIn("")].sort().map((file) => [
    file,
    importedBy(file, Deno.readTextFileSync(new URL(file, LIB))),
  ]),
);

/** Every import as [who, whom]. */
const pairs = (imports: Imports): [string, string][] =>
  [...imports].flatMap(([file, paths]) => paths.map((path): [string, string] => [file, path]));

/** The room of a file: the folder of lib/ that it is in, at any depth, or the file itself. */
const roomOf = (file: string) => file.split("/")[0]!;
const placeOf = (file: string) => ORDER.indexOf(roomOf(file));

const lookingUp = (imports: Imports) =>
  pairs(imports).filter(([file, path]) => placeOf(path) < placeOf(file));

const besideDoors = (imports: Imports) =>
  pairs(imports).filter(([file, path]) =>
    roomOf(file) !== roomOf(path) && ![roomOf(path), `${roomOf(path)}/mod.ts`].includes(path)
  );

/** Files that can be reached from themselves, with those they share that with. */
function circlesOf(imports: Imports): string[][] {
  const reached = new Map([...imports.keys()].map((start) => {
    const seen = new Set<string>();
    const open = [start];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const path of imports.get(file) ?? []) {
        if (!seen.has(path)) open.push(path);
        seen.add(path);
      }
    }
    return [start, seen] as const;
  }));
  const circles = [...reached].filter(([file, seen]) => seen.has(file)).map(([file, seen]) =>
    [...seen].filter((other) => reached.get(other)?.has(file)).sort().join(" ")
  );
  return [...new Set(circles)].sort().map((circle) => circle.split(" "));
}

Deno.test("every room is in the list, and every import leads to a file", () => {
  const rooms = new Set([...IMPORTS.keys()].map(roomOf));
  assertEquals([...rooms].sort(), ORDER.toSorted());
  assertEquals(pairs(IMPORTS).filter(([, path]) => !IMPORTS.has(path)), []);
  assert(pairs(IMPORTS).length > 500, `${pairs(IMPORTS).length} imports`);
});

Deno.test("every room is a subpath of the package, and of the name that notebooks import", () => {
  const { exports, imports } = JSON.parse(Deno.readTextFileSync(new URL("../deno.json", LIB)));
  const doors = ROOMS.map((room) => [room, `./lib/${room}/mod.ts`]);
  assertEquals(exports, {
    ".": "./lib/mod.ts",
    ...Object.fromEntries(doors.map(([room, door]) => [`./${room}`, door])),
  });
  for (const [room, door] of doors) assertEquals(imports[`factlab/${room}`], door);
});

Deno.test("no file imports from a room above its own", () => {
  assertEquals(lookingUp(IMPORTS), []);
});

Deno.test("a room is entered through its mod.ts", () => {
  assertEquals(besideDoors(IMPORTS), []);
});

Deno.test("no two files look at each other", () => {
  assertEquals(circlesOf(IMPORTS), []);
});

Deno.test("what these rules forbid is seen", () => {
  const source = [
    `/** import { no } from "../studies/mod.ts"; */`,
    `import type {\n  Study,\n} from "../study/mod.ts";`,
    `export * from "../figures/axis.ts";`,
    `type Table = typeof import("./table.ts");`,
  ].join("\n");
  const paths = importedBy("display/show.ts", source);
  assertEquals(paths, ["study/mod.ts", "figures/axis.ts", "display/table.ts"]);
  const imports: Imports = new Map([
    ["display/show.ts", paths],
    ["display/table.ts", ["display/show.ts"]],
  ]);
  assertEquals(lookingUp(imports).map(([, path]) => path), paths.slice(0, 2));
  assertEquals(besideDoors(imports), [["display/show.ts", "figures/axis.ts"]]);
  assertEquals(circlesOf(imports), [["display/show.ts", "display/table.ts"]]);
});
