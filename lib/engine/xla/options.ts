/**
 * How programs are compiled and a device is opened: CompileOptionsProto as bytes, and PJRT's named
 * values.
 *
 * @module
 */

import { addressOf } from "./api.ts";

/** A setting of XLA or of a plugin. */
export type Setting = string | number | boolean;

/** Flags of XLA for processors, which the plugin of another platform need not know. */
const ON_PROCESSORS = {
  // Maxima and minima of NaN are NaN.
  xla_cpu_enable_fast_min_max: false,
  // Processors have TensorFlow: there, XLA is for tests, which compile more than they compute.
  xla_backend_optimization_level: 1,
} as const;

/**
 * XLA's flags on a platform. They go into the options of a program, where an unknown one is an
 * error; in XLA_FLAGS it would end the process.
 */
export function flagsOn(platform: string): Readonly<Record<string, Setting>> {
  return {
    // float32 -> bfloat16 -> float32 rounds.
    xla_allow_excess_precision: false,
    // Same seed, same device, same bits; switches autotuning off as well.
    xla_gpu_deterministic_ops: true,
    ...(platform === "cpu" ? ON_PROCESSORS : {}),
  };
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A varint of protobuf. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
}

/** A field of bytes: a text, a message. */
function field(number: number, bytes: ArrayLike<number>): number[] {
  return [...varint(8 * number + 2), ...varint(bytes.length), ...Array.from(bytes)];
}

/** One replica, one partition, whatever device. */
const BUILD = [8, ...new Array(9).fill(0xff), 1, 32, 1, 40, 1];

/** An OptionOverrideProto: text, truth, whole number or real number. */
function override(value: Setting): number[] {
  if (typeof value === "string") return field(1, utf8(value));
  if (typeof value === "boolean") return [16, Number(value)];
  if (Number.isInteger(value)) return [24, ...varint(value)];
  return [33, ...new Uint8Array(Float64Array.of(value).buffer)];
}

/** The options of a compilation, as a plugin takes them. */
export function compileOptions(flags: Readonly<Record<string, Setting>>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(flags).flatMap(([name, value]) =>
    field(7, [...field(1, utf8(name)), ...field(2, override(value))])
  );
  return Uint8Array.from([...field(3, BUILD), ...entries]);
}

/** PJRT_NamedValue_Type. */
const KIND = { string: 0, number: 1, float: 3, boolean: 4 } as const;
/** Slots of a PJRT_NamedValue. */
const NAMED_VALUE = 7;

/** Options of a client as an array of PJRT_NamedValue; `keep` holds what they point to. */
export function namedValues(
  options: Readonly<Record<string, Setting>>,
): { values: BigUint64Array<ArrayBuffer>; count: number; keep: unknown[] } {
  const keep: unknown[] = [];
  const slots = Object.entries(options).flatMap(([name, value]) => {
    const own = utf8(name);
    keep.push(own);
    const [kind, content, size] = contentOf(value, keep);
    return [8n * BigInt(NAMED_VALUE), 0n, addressOf(own), BigInt(own.length), kind, content, size];
  });
  return {
    values: BigUint64Array.from(slots),
    count: slots.length / NAMED_VALUE,
    keep,
  };
}

function contentOf(value: Setting, keep: unknown[]): [bigint, bigint, bigint] {
  if (typeof value === "string") {
    const bytes = utf8(value);
    keep.push(bytes);
    return [BigInt(KIND.string), addressOf(bytes), BigInt(bytes.length)];
  }
  if (typeof value === "boolean") return [BigInt(KIND.boolean), BigInt(value), 1n];
  if (Number.isInteger(value)) return [BigInt(KIND.number), BigInt(value), 1n];
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  return [BigInt(KIND.float), BigInt(bits!), 1n];
}
