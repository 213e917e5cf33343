/**
 * The safetensors format: eight bytes with the header's length, a JSON header, the tensors' bytes
 * one after the other. Written and read by the rules of its specification, which are strict so
 * that a damaged or hostile file is refused before anything is allocated from what it says.
 *
 * Leaves out files on disk (checkpoint.ts) and element types that factlab does not use.
 *
 * @module
 */

import { isObject } from "./omitted.ts";

/** Element types, with their sizes in bytes. */
const BYTES = { F16: 2, F32: 4, I32: 4 } as const;

/** The array that holds each type. */
const ARRAYS = { F16: Float16Array, F32: Float32Array, I32: Int32Array } as const;

/** Element type of a stored tensor. */
export type StoredType = keyof typeof BYTES;

/** A tensor as stored: row-major values. */
export interface StoredTensor {
  dtype: StoredType;
  /** [] for a single number; a 0 among the sizes for no numbers at all. */
  shape: readonly number[];
  data: Float16Array | Float32Array | Int32Array;
}

/** The content of a file: tensors by name, and texts by name. */
export interface Stored {
  tensors: Record<string, StoredTensor>;
  metadata: Record<string, string>;
}

/** A header longer than this is refused, as by the reference reader. */
const MAX_HEADER = 100_000_000;
/** Header objects are nested three deep; what is deeper is no header. */
const MAX_DEPTH = 4;
const METADATA = "__metadata__";

/**
 * The bytes of a safetensors file. Tensors are stored in the order of their names.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
 * const data = new Float32Array([1, 2]);
 * const tensors = { x: { dtype: "F32", shape: [2], data } } as const;
 * const bytes = encodeSafetensors({ tensors, metadata: { step: "7" } });
 * console.log(decodeSafetensors(bytes).metadata.step); // 7
 * ```
 *
 * @throws {Error} if a shape and its number of values, or type and array, do not fit.
 */
export function encodeSafetensors({ tensors, metadata }: Stored): Uint8Array {
  const names = Object.keys(tensors).sort();
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header[METADATA] = metadata;
  let end = 0;
  for (const name of names) {
    const { dtype, shape, data } = tensors[name]!;
    if (
      name === METADATA || size(shape) !== data.length || !(data instanceof ARRAYS[dtype])
    ) {
      throw new Error(
        `Cannot write tensor "${name}": it must be ${dtype} of shape [${shape}], got ` +
          `${data.length} values of ${data.constructor.name}.`,
      );
    }
    header[name] = { dtype, shape, data_offsets: [end, end += data.byteLength] };
  }
  // Padded with spaces so that the tensors begin at a multiple of eight.
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(32, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const name of names) {
    const { buffer, byteOffset, byteLength } = tensors[name]!.data;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** Thrown where a file is not what it has to be: reading it again would help nobody. */
export class Damaged extends Error {}

/**
 * The content of a safetensors file.
 *
 * @throws {Damaged} for anything that breaks the format: a header that is too long, no JSON, too
 * deep or has a name twice; an unknown type; a shape that is no list of sizes; bytes that
 * overlap, leave a hole, are missing or left over.
 */
export function decodeSafetensors(bytes: Uint8Array, name = "safetensors file"): Stored {
  const refuse = (why: string) => new Damaged(`Cannot read ${name}: ${why}.`);
  if (bytes.length < 8) throw refuse(`it must have at least 8 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const room = Math.min(MAX_HEADER, bytes.length - 8);
  if (length > room) throw refuse(`its header must have at most ${room} bytes, got ${length}`);
  const header = parseHeader(bytes.subarray(8, 8 + length), refuse);
  const body = bytes.subarray(8 + length);

  const metadata = header[METADATA] ?? {};
  if (!isObject(metadata) || Object.values(metadata).some((text) => typeof text !== "string")) {
    throw refuse("its metadata must be texts by name");
  }
  const entries = Object.entries(header).filter(([key]) => key !== METADATA).map(([key, entry]) => {
    const own = parseEntry(key, entry, refuse);
    if (own.end <= body.length) return { key, ...own };
    throw refuse(`tensor "${key}" must end within ${body.length} bytes, got ${own.end}`);
  });
  // Before anything is copied: entries of the same bytes would be more than the file.
  let covered = 0;
  for (
    const { key, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)
  ) {
    if (begin !== covered) {
      throw refuse(`tensor "${key}" must begin at byte ${covered}, got ${begin}`);
    }
    covered = end;
  }
  if (covered !== body.length) {
    throw refuse(`its tensors must fill ${body.length} bytes, got ${covered}`);
  }
  const tensors = Object.fromEntries(
    entries.map(({ key, dtype, shape, begin, end }): [string, StoredTensor] => [
      key,
      { dtype, shape, data: new ARRAYS[dtype](body.slice(begin, end).buffer) },
    ]),
  );
  return { tensors, metadata: metadata as Record<string, string> };
}

type Refuse = (why: string) => Error;

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("its header must be UTF-8");
  }
  if (!text.startsWith("{")) throw refuse("its header must begin with {");
  let header: Record<string, unknown>;
  checkDepth(text, refuse);
  try {
    header = JSON.parse(text);
  } catch {
    throw refuse("its header must be JSON");
  }
  const twice = repeatedName(text);
  if (twice !== undefined) throw refuse(`its header has "${twice}" twice`);
  return header;
}

/** Strings, with the colon that makes them names, and what opens and closes. */
const JSON_TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/gs;

/** JSON.parse would run out of stack on a header of nothing but brackets. */
function checkDepth(text: string, refuse: Refuse): void {
  let depth = 0;
  for (const [token] of text.matchAll(JSON_TOKENS)) {
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    if (depth > MAX_DEPTH) throw refuse("its header must not be nested deeply");
  }
}

/** A name that an object of a valid JSON text has twice, which JSON.parse hides. */
function repeatedName(text: string): string | undefined {
  const names: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(JSON_TOKENS)) {
    if (token === "{" || token === "[") names.push(new Set());
    if (token === "}" || token === "]") names.pop();
    if (colon === undefined) continue;
    const name: string = JSON.parse(string!);
    if (names.at(-1)!.has(name)) return name;
    names.at(-1)!.add(name);
  }
  return undefined;
}

function parseEntry(key: string, entry: unknown, refuse: Refuse) {
  if (!isObject(entry)) throw refuse(`tensor "${key}" must be an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(BYTES, dtype)) {
    throw refuse(
      `tensor "${key}" must be ${Object.keys(BYTES).join(" or ")}, got ${JSON.stringify(dtype)}`,
    );
  }
  if (!isSizes(shape)) {
    throw refuse(`tensor "${key}" must have a shape, got ${JSON.stringify(shape)?.slice(0, 80)}`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw refuse(
      `tensor "${key}" must have two data_offsets, got ${JSON.stringify(offsets)?.slice(0, 80)}`,
    );
  }
  const [begin, end] = offsets as [number, number];
  const wanted = size(shape) * BYTES[dtype as StoredType];
  if (end - begin !== wanted) {
    throw refuse(
      `tensor "${key}" of shape [${shape}] must have ${wanted} bytes, got ${end - begin}`,
    );
  }
  return { dtype: dtype as StoredType, shape, begin, end };
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
