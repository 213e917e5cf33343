/**
 * StableHLO under construction: operations in the generic form, which stays the same from plugin to
 * plugin, and what is made of several of them.
 *
 * @module
 */

/** Element types of a module. */
export type ElementType = "f32" | "bf16" | "i32" | "i1";

/** Shape and element type of a value. */
export interface Type {
  shape: readonly number[];
  element: ElementType;
}

/** A value of a module, by its name there. */
export interface Value extends Type {
  name: string;
}

const print = ({ shape, element }: Type) =>
  `tensor<${shape.map((size) => `${size}x`).join("")}${element}>`;
const list = (values: readonly number[]) =>
  values.length === 0 ? "array<i64>" : `array<i64: ${values.join(", ")}>`;

/** Whole numbers, texts of attributes, lists of whole numbers. */
type Attributes = Readonly<Record<string, string | readonly number[]>>;

/** Operations that are elementwise over equal shapes, or of one value to one of its type. */
type Combiner = "add" | "multiply" | "maximum" | "minimum" | "and" | "or";

/** A module with one function, `main`. */
export class Module {
  #lines: string[] = [];
  #names = 0;
  readonly #constants = new Map<string, Value>();
  /** Lines of constants, before all else, so that every region sees them. */
  readonly #preamble: string[] = [];

  /** Adds an operation; returns its results. */
  op(
    name: string,
    inputs: readonly Value[],
    results: readonly Type[],
    attributes: Attributes = {},
    regions: readonly string[] = [],
  ): Value[] {
    const values = this.#add(this.#lines, name, inputs, results, attributes, regions);
    return values;
  }

  /** An operation with one result. */
  one(
    name: string,
    inputs: readonly Value[],
    { shape, element }: Type,
    attributes?: Attributes,
    regions?: readonly string[],
  ): Value {
    return this.op(name, inputs, [{ shape, element }], attributes, regions)[0]!;
  }

  #add(
    lines: string[],
    name: string,
    inputs: readonly Value[],
    results: readonly Type[],
    attributes: Attributes,
    regions: readonly string[],
  ): Value[] {
    const own = `%${this.#names++}`;
    const values = results.map(({ shape, element }, i) => ({
      name: results.length > 1 ? `${own}#${i}` : own,
      shape,
      element,
    }));
    const said = Object.entries(attributes).map(([key, value]) =>
      `${key} = ${typeof value === "string" ? value : list(value)}`
    );
    lines.push([
      results.length === 0 ? "" : results.length > 1 ? `${own}:${results.length} = ` : `${own} = `,
      `"stablehlo.${name}"(${inputs.map((input) => input.name).join(", ")})`,
      regions.length > 0 ? ` (${regions.join(", ")})` : "",
      said.length > 0 ? ` {${said.join(", ")}}` : "",
      ` : (${inputs.map(print).join(", ")}) -> `,
      results.length === 1 ? print(results[0]!) : `(${results.map(print).join(", ")})`,
    ].join(""));
    return values;
  }

  /** A block of its own over values of some types; what it returns leaves it. */
  region(types: readonly Type[], body: (...values: Value[]) => readonly Value[]): string {
    const outer = this.#lines;
    this.#lines = [];
    const values = types.map(({ shape, element }) => ({
      name: `%${this.#names++}`,
      shape,
      element,
    }));
    this.op("return", body(...values), []);
    const lines = this.#lines;
    this.#lines = outer;
    const head = values.map((value) => `${value.name}: ${print(value)}`).join(", ");
    return `{\n^bb0(${head}):\n${lines.join("\n")}\n}`;
  }

  /** A constant; equal ones are one. Truths are made of numbers. */
  constant(values: ArrayLike<number>, type: Type): Value {
    const { shape, element } = type;
    if (element === "i1") {
      const zero = this.constant([0], { shape, element: "i32" });
      return this.compare("NE", this.constant(values, { shape, element: "i32" }), zero);
    }
    const size = shape.reduce((a, b) => a * b, 1);
    const numbers = element === "i32"
      ? Int32Array.from(values as Int32Array)
      : Float32Array.from(values as Float32Array);
    const bytes = element === "bf16"
      ? halves(numbers as Float32Array)
      : new Uint8Array(numbers.buffer);
    const width = bytes.length / Math.max(1, numbers.length);
    const isSplat = bytes.every((byte, i) => byte === bytes[i % width]);
    const text = size === 0
      ? ""
      : isSplat
      ? `0x${hex(bytes.subarray(0, width).toReversed())}`
      : `"0x${hex(bytes)}"`;
    const key = `${text} ${print(type)}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const value = `dense<${isSplat && element === "i32" ? numbers[0] ?? "" : text}> : ${
      print(type)
    }`;
    const [made] = this.#add(this.#preamble, "constant", [], [type], { value }, []);
    this.#constants.set(key, made!);
    return made!;
  }

  /** One number everywhere. */
  fill(value: number, type: Type): Value {
    return this.constant([value], type);
  }

  /** A value with axes of size 1 repeated, and axes in front of it. */
  broadcast(x: Value, shape: readonly number[]): Value {
    if (String(x.shape) === String(shape)) return x;
    const lead = shape.length - x.shape.length;
    return this.along(x, shape, x.shape.map((_, i) => lead + i));
  }

  /** A value whose axes are some of a larger shape's, the same along all others. */
  along(x: Value, shape: readonly number[], axes: readonly number[]): Value {
    const type = { shape, element: x.element };
    return this.one("broadcast_in_dim", [x], type, { broadcast_dimensions: axes });
  }

  /** An elementwise operation on two values of shapes that go together. */
  binary(name: string, a: Value, b: Value): Value {
    const shape = together(a.shape, b.shape);
    return this.one(name, [this.broadcast(a, shape), this.broadcast(b, shape)], {
      shape,
      element: a.element,
    });
  }

  /** An elementwise operation on a value. */
  unary(name: string, x: Value): Value {
    return this.one(name, [x], x);
  }

  /** x combined with a number. */
  with(name: string, x: Value, value: number): Value {
    return this.binary(name, x, this.fill(value, { shape: [], element: x.element }));
  }

  /** Whether EQ, NE, LT, LE, GT or GE holds, element by element. */
  compare(direction: string, a: Value, b: Value): Value {
    const shape = together(a.shape, b.shape);
    return this.one("compare", [this.broadcast(a, shape), this.broadcast(b, shape)], {
      shape,
      element: "i1",
    }, { comparison_direction: `#stablehlo<comparison_direction ${direction}>` });
  }

  /** `yes` where it holds, `no` elsewhere. */
  select(condition: Value, yes: Value, no: Value): Value {
    const { shape } = condition;
    const [a, b] = [yes, no].map((own) => this.broadcast(own, shape));
    return this.one("select", [condition, a!, b!], a!);
  }

  /** Another element type; truths become 1 and 0, numbers whether they are not 0. */
  convert(x: Value, element: ElementType): Value {
    if (x.element === element) return x;
    if (element === "i1") return this.compare("NE", x, this.fill(0, { ...x, shape: [] }));
    return this.one("convert", [x], { shape: x.shape, element });
  }

  /** The same values in order in another shape. */
  reshape(x: Value, shape: readonly number[]): Value {
    return String(x.shape) === String(shape)
      ? x
      : this.one("reshape", [x], { shape, element: x.element });
  }

  /** Axes in another order. */
  transpose(x: Value, permutation: readonly number[]): Value {
    const shape = permutation.map((axis) => x.shape[axis]!);
    return this.one("transpose", [x], { shape, element: x.element }, { permutation });
  }

  /** A part of a value. */
  slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
    return this.one("slice", [x], { shape: size, element: x.element }, {
      start_indices: begin,
      limit_indices: begin.map((own, i) => own + size[i]!),
      strides: begin.map(() => 1),
    });
  }

  /** Values one after the other along an axis. */
  concatenate(values: readonly Value[], axis: number): Value {
    const [{ shape, element }] = values as [Value];
    const size = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
    return this.one("concatenate", values, { shape: shape.with(axis, size), element }, {
      dimension: `${axis} : i64`,
    });
  }

  /** What is left of a value when axes are combined, from a first number on. */
  reduce(combiner: Combiner, x: Value, axes: readonly number[], first: number): Value {
    if (axes.length === 0) return x;
    const scalar = { shape: [], element: x.element };
    const shape = x.shape.filter((_, i) => !axes.includes(i));
    const body = this.region(
      [scalar, scalar],
      (a, b) => [this.one(combiner, [a!, b!], scalar)],
    );
    return this.one(
      "reduce",
      [x, this.fill(first, scalar)],
      { shape, element: x.element },
      { dimensions: axes.toSorted((a, b) => a - b) },
      [body],
    );
  }

  /** Whole numbers that count along an axis of a shape. */
  count(shape: readonly number[], axis: number): Value {
    return this.one("iota", [], { shape, element: "i32" }, {
      iota_dimension: `${axis} : i64`,
    });
  }

  /**
   * Products of matrices [..., N, K] and [..., K, M], or with K first and last the other way round;
   * `element` is the result's. float32 products keep all their bits.
   */
  product(
    a: Value,
    b: Value,
    { transposeA = false, transposeB = false, element = a.element }: {
      transposeA?: boolean;
      transposeB?: boolean;
      element?: ElementType;
    } = {},
  ): Value {
    const rank = a.shape.length;
    const batch = Array.from({ length: rank - 2 }, (_, i) => i);
    const [rows, left] = transposeA ? [rank - 1, rank - 2] : [rank - 2, rank - 1];
    const [columns, right] = transposeB ? [rank - 2, rank - 1] : [rank - 1, rank - 2];
    const shape = [...batch.map((i) => a.shape[i]!), a.shape[rows!]!, b.shape[columns!]!];
    const exact = a.element === "f32" ? "HIGHEST" : "DEFAULT";
    return this.one("dot_general", [a, b], { shape, element }, {
      dot_dimension_numbers:
        `#stablehlo.dot<lhs_batching_dimensions = [${batch}], rhs_batching_dimensions = ` +
        `[${batch}], lhs_contracting_dimensions = [${left}], rhs_contracting_dimensions = ` +
        `[${right}]>`,
      precision_config: `[${
        [exact, exact].map((own) => `#stablehlo<precision ${own}>`).join(", ")
      }]`,
    });
  }

  /**
   * The module's text: `body` makes results of arguments. `reuses[i]` is the result that takes the
   * place of argument i in memory.
   */
  print(
    types: readonly Type[],
    reuses: readonly (number | undefined)[],
    body: (...values: Value[]) => readonly Value[],
  ): string {
    const values = types.map(({ shape, element }, i) => ({ name: `%arg${i}`, shape, element }));
    const results = body(...values);
    const head = values.map((value, i) =>
      `${value.name}: ${print(value)}` +
      (reuses[i] === undefined ? "" : ` {tf.aliasing_output = ${reuses[i]} : i32}`)
    );
    return [
      "module @factlab {",
      `func.func public @main(${head.join(", ")}) -> (${results.map(print).join(", ")}) {`,
      ...this.#preamble,
      ...this.#lines,
      `"func.return"(${results.map(({ name }) => name).join(", ")}) : (${
        results.map(print).join(", ")
      }) -> ()`,
      "}",
      "}",
      "",
    ].join("\n");
  }
}

/** The shape of two values that go together: sizes are equal, or 1, or there is none. */
export function together(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [own, other] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    return own === 1 ? other : own;
  });
}

/** float32 numbers as bfloat16, to the nearest even; for constants, which are finite. */
function halves(numbers: Float32Array): Uint8Array {
  const bits = new Uint32Array(numbers.buffer);
  const rounded = Uint16Array.from(bits, (own) => (own + 0x7fff + ((own >>> 16) & 1)) >>> 16);
  return new Uint8Array(rounded.buffer);
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => HEX[byte]).join("");
