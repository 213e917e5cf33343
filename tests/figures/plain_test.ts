// What a figure takes: dates, odd numbers, odd text; and what it refuses by its place.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { curves, figure, type Layout } from "../../lib/figures/mod.ts";

const made = (x: unknown, layout: Layout = {}) => figure({ data: [{ x }], layout, alt: "" });
const xOf = (x: unknown) => made(x).data[0]!.x;

Deno.test("dates are ISO texts in data and layout, and no date is null", async () => {
  const dates = [new Date(0), new Date(864e5), new Date(NaN)];
  const first = "1970-01-01T00:00:00.000Z";
  assertEquals(xOf(dates), [first, "1970-01-02T00:00:00.000Z", null]);
  const range = [new Date(0), new Date(2e9)];
  const dated = figure({
    data: [{ x: dates, y: [1, 2, 3] }],
    layout: { xaxis: { range } },
    alt: "",
  });
  assertEquals((dated.layout.xaxis as Layout).range, [first, "1970-01-24T03:33:20.000Z"]);
  assertStringIncludes(await dated.svg(), "1970");
});

Deno.test("numbers are as JSON knows them, close to what they were at any size", () => {
  assert(Object.is((xOf([-0]) as number[])[0], 0));
  assertEquals(xOf([undefined, NaN, -Infinity, , 1]), [null, null, null, null, 1]); // deno-lint-ignore-line
  assertEquals(xOf([1e6 + 0.25, 1e6 + 0.5, 1e300, 1e-300, 1 / 3]), [
    ...[1000000.25, 1000000.5, 1e300, 1e-300, 0.33333],
  ]);
});

Deno.test("what is no plain data is refused by its place in the figure", () => {
  class Person {
    name = "Ann";
  }
  const refused: [unknown, string, string][] = [
    [[1, 2, 3, 4n], "data[0].x[3]", "the BigInt 4n"],
    [BigInt64Array.of(1n), "data[0].x[0]", "the BigInt 1n"],
    [new Map([[1, 2]]), "data[0].x", "an instance of Map"],
    [[[1], new Set([1])], "data[0].x[1]", "an instance of Set"],
    [{ of: { ann: new Person() } }, "data[0].x.of.ann", "an instance of Person"],
    [[() => 1], "data[0].x[0]", "a function"],
    [[Symbol("a")], "data[0].x[0]", "a symbol"],
    [new DataView(new ArrayBuffer(8)), "data[0].x", "an instance of DataView"],
  ];
  for (const [x, place, kind] of refused) {
    const { message } = assertThrows(() => made(x), TypeError);
    assertStringIncludes(message, `Cannot draw figure: ${place} must be a number, text,`);
    assertStringIncludes(message, `got ${kind}. `);
  }
  assertThrows(() => made([1], { title: new Map() }), TypeError, "layout.title must be");
  const itself: unknown[] = [];
  itself.push(itself);
  assertThrows(() => made(itself), TypeError, "Does it hold itself?");
  assertEquals(xOf(Object.create(null)), {});
});

Deno.test("a size that no figure has is refused", () => {
  for (const width of [0, -1, NaN, Infinity, 1e5, "wide", null]) {
    assertThrows(() => made([1], { width }), RangeError, "layout.width must be from 1 to 10000");
  }
  assertEquals(made([1], { width: 10_000, height: 1 }).layout.width, 10_000);
});

Deno.test("control codes and halves of letters reach no file, picture or page", async () => {
  const odd = "é 😀 \u0000\ud800 \x1b[31mred\uffff\u0085";
  const axis = { title: odd };
  const line = { name: odd, x: [1, 2], y: [1, 2] };
  const level = { y: 1.5, label: odd };
  const one = curves({
    title: odd,
    caption: odd,
    lines: [line],
    levels: [level],
    x: axis,
    y: axis,
  });
  const folder = await Deno.makeTempDir();
  try {
    for (const form of ["png", "svg", "json", "html"]) {
      await one.save(`${folder}/odd.${form}`);
      const bytes = await Deno.readFile(`${folder}/odd.${form}`);
      if (form === "png") continue;
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      // Plotly's own source, in pages, names some of these codes.
      const own = form === "html" ? text.replace(/<script>[^]*?<\/script>/, "") : text;
      // deno-lint-ignore no-control-regex
      assert(!/[\u0000-\u0008\u001b]|\\u0000|\\ud800/.test(own), form);
      assertStringIncludes(own, "é 😀");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assert(one.alt.isWellFormed());
  assertEquals(JSON.stringify(one.data).includes("\\ud800"), false);
});
