import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  type Stored,
} from "../../lib/trainer/safetensors.ts";

/** A file from a header, as JSON or as text, and a number of body bytes. */
function file(header: unknown, body = 0): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + body);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

function assertRefused(bytes: Uint8Array, why: string): void {
  assertThrows(() => decodeSafetensors(bytes, "x"), Error, "Cannot read x: ");
  assertThrows(() => decodeSafetensors(bytes, "x"), Error, why);
}

const stored: Stored = {
  tensors: {
    matrix: { dtype: "F32", shape: [2, 3], data: new Float32Array([1, -2, 3.5, 0, NaN, -0]) },
    number: { dtype: "F32", shape: [], data: new Float32Array([7]) },
    nothing: { dtype: "I32", shape: [0, 4], data: new Int32Array(0) },
    ids: { dtype: "I32", shape: [2], data: new Int32Array([-1, 2 ** 31 - 1]) },
  },
  metadata: { step: "12", 'a "quoted" name': "☃" },
};

Deno.test("what is written is read back, 0-d and empty tensors too", () => {
  assertEquals(decodeSafetensors(encodeSafetensors(stored)), stored);
});

Deno.test("a view into a larger array is written as itself", () => {
  const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  const bytes = encodeSafetensors({
    tensors: { x: { dtype: "F32", shape: [2], data } },
    metadata: {},
  });
  assertEquals([...decodeSafetensors(bytes).tensors.x!.data], [1, 2]);
});

Deno.test("a file without tensors is a file", () => {
  const empty = { tensors: {}, metadata: {} };
  assertEquals(decodeSafetensors(encodeSafetensors(empty)), empty);
});

Deno.test("names that objects know are names like others", () => {
  const data = new Float32Array([1]);
  const tensors = JSON.parse('{"__proto__": 0, "constructor": 0}');
  for (const name of Object.keys(tensors)) {
    Object.defineProperty(tensors, name, {
      value: { dtype: "F32", shape: [1], data },
      enumerable: true,
    });
  }
  const { tensors: read } = decodeSafetensors(encodeSafetensors({ tensors, metadata: {} }));
  assertEquals(Object.keys(read).sort(), ["__proto__", "constructor"]);
});

Deno.test("a shape that does not fit its values, or a type its array, is not written", () => {
  const write = (tensor: unknown) =>
    encodeSafetensors({ tensors: { x: tensor as Stored["tensors"][string] }, metadata: {} });
  const data = new Float32Array(4);
  assertThrows(() => write({ dtype: "F32", shape: [5], data }), Error, "[5], got 4 values");
  assertThrows(() => write({ dtype: "I32", shape: [4], data }), Error, "4 values of Float32Array");
});

Deno.test("a header whose size is wrong is refused", () => {
  assertRefused(new Uint8Array(3), "at least 8 bytes, got 3");
  const long = file({});
  new DataView(long.buffer).setBigUint64(0, 3n, true);
  assertRefused(long, "at most 2 bytes, got 3");
  new DataView(long.buffer).setBigUint64(0, 2n ** 63n, true);
  assertRefused(long, "at most 2 bytes");
});

Deno.test("a header that is no JSON object is refused", () => {
  assertRefused(file("[]"), "must begin with {");
  assertRefused(file(" {}"), "must begin with {");
  assertRefused(file("{,}"), "must be JSON");
  const broken = file("{}  ");
  broken[9] = 0xff;
  assertRefused(broken, "must be UTF-8");
  assertRefused(file("{" + '"a":['.repeat(50_000)), "nested deeply");
});

Deno.test("a name that is there twice is refused, however it is written", () => {
  const entry = JSON.stringify(f32([1], 0, 4));
  assertRefused(file(`{"x":${entry},"x":${entry}}`, 4), 'has "x" twice');
  assertRefused(file(`{"x":${entry},"\\u0078":${entry}}`, 4), 'has "x" twice');
  assertRefused(file(`{"x":{"dtype":"F32","dtype":"I32"}}`), 'has "dtype" twice');
});

Deno.test("entries that say no type, shape or place are refused by their name", () => {
  assertRefused(file({ x: 5 }), '"x" must be an object');
  assertRefused(file({ x: { ...f32([1], 0, 4), dtype: "F13" } }, 4), 'got "F13"');
  assertRefused(file({ x: { ...f32([1], 0, 4), dtype: "toString" } }, 4), 'got "toString"');
  for (const shape of [[-1], [1.5], "4", null, [1e300]]) {
    assertRefused(file({ x: { ...f32([1], 0, 4), shape } }, 4), '"x" must have a shape');
  }
  for (const data_offsets of [[0], [4, 0], [0, 4, 8], [0, "4"], null]) {
    assertRefused(file({ x: { ...f32([1], 0, 4), data_offsets } }, 4), "two data_offsets");
  }
  assertRefused(file({ __metadata__: { step: 1 } }), "texts by name");
});

Deno.test("bytes that do not fit the shape, overlap, leave a hole, lack or are left over are refused", () => {
  assertRefused(file({ x: f32([2], 0, 4) }, 4), "[2] must have 8 bytes, got 4");
  assertRefused(file({ x: f32([1], 0, 4), y: f32([1], 0, 4) }, 4), '"y" must begin at byte 4');
  assertRefused(file({ x: f32([1], 4, 8) }, 8), '"x" must begin at byte 0, got 4');
  assertRefused(file({ x: f32([2], 0, 8) }, 4), '"x" must end within 4 bytes, got 8');
  assertRefused(file({ x: f32([1], 0, 4) }, 5), "must fill 5 bytes, got 4");
  const huge = (side: number) => file({ x: f32([side, side], 0, 4 * side * side) }, 4);
  assertRefused(huge(2 ** 20), `must end within 4 bytes, got ${2 ** 42}`);
  assertRefused(huge(2 ** 27), "two data_offsets");
});

Deno.test("entries that all say the same bytes are refused before any are copied", () => {
  const size = 2 ** 24;
  const entries = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [`x${i}`, f32([size / 4], 0, size)]),
  );
  // Copied, these would be 335 GB.
  assertRefused(file(entries, size), "must begin at byte 16777216, got 0");
});
