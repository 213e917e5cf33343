/**
 * The part of the table whose operations work number by number.
 *
 * @module
 */

import type { Operation } from "../operation.ts";
import type { Module, Value } from "./module.ts";

type Elementwise = (m: Module, inputs: Value[], operation: Operation) => Value;

const unary = (name: string): Elementwise => (m, [x]) => m.unary(name, x!);
const binary = (name: string): Elementwise => (m, [a, b]) => m.binary(name, a!, b!);
const compare = (direction: string): Elementwise => (m, [a, b]) => m.compare(direction, a!, b!);

/** An operation of real numbers, written with arithmetic. */
const formula = (write: (f: Arithmetic, x: Value) => Value): Elementwise => (m, [x]) =>
  write(arithmetic(m), x!);

interface Arithmetic {
  add(a: Value, b: Value | number): Value;
  subtract(a: Value, b: Value | number): Value;
  multiply(a: Value, b: Value | number): Value;
  divide(a: Value, b: Value | number): Value;
  maximum(a: Value, b: Value | number): Value;
  minimum(a: Value, b: Value | number): Value;
  atan2(a: Value, b: Value | number): Value;
  /** A function of StableHLO. */
  of(name: string, x: Value): Value;
  /** The first where a number is above zero, the second elsewhere. */
  above(x: Value, yes: Value, no: Value): Value;
  constant(value: number, like: Value): Value;
}

function arithmetic(m: Module): Arithmetic {
  const two = (name: string) => (a: Value, b: Value | number) =>
    typeof b === "number" ? m.with(name, a, b) : m.binary(name, a, b);
  const constant = (value: number, like: Value) =>
    m.fill(value, { shape: [], element: like.element });
  return {
    add: two("add"),
    subtract: two("subtract"),
    multiply: two("multiply"),
    divide: two("divide"),
    maximum: two("maximum"),
    minimum: two("minimum"),
    atan2: two("atan2"),
    of: (name, x) => m.unary(name, x),
    above: (x, yes, no) => m.select(m.compare("GT", x, constant(0, x)), yes, no),
    constant: (value, like) => m.fill(value, like),
  };
}

/** tfjs's constants of SELU. */
const SELU = { alpha: 1.7580993408473768, scale: 1.0507009873554805 } as const;

/** Eigen's rational approximation of erf on [-4, 4], highest power first. */
const ERF = {
  above: [
    ...[-2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5],
    ...[-7.34990630326855e-4, -2.9545998085403e-3, -1.60960333262415e-2],
  ],
  below: [
    ...[-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3],
    -1.42647390514189e-2,
  ],
};

/** A polynomial by Horner's rule. */
const polynomial = (f: Arithmetic, x: Value, [first, ...rest]: readonly number[]) =>
  rest.reduce((sum, own) => f.add(f.multiply(sum, x), own), f.constant(first!, x));

/** The remainder of a division that rounds towards minus infinity. */
const floorMod: Elementwise = (m, [a, b]) => {
  const rest = m.binary("remainder", a!, b!);
  const zero = m.fill(0, { shape: [], element: rest.element });
  const isOther = m.compare("NE", m.compare("LT", rest, zero), m.compare("LT", b!, zero));
  const isWrong = m.binary("and", isOther, m.compare("NE", rest, zero));
  return m.select(isWrong, m.binary("add", rest, b!), rest);
};

/** By operation. */
export const ELEMENTWISE: Readonly<Record<string, Elementwise>> = {
  Abs: unary("abs"),
  Ceil: unary("ceil"),
  Cos: unary("cosine"),
  Exp: unary("exponential"),
  Expm1: unary("exponential_minus_one"),
  Floor: unary("floor"),
  Log: unary("log"),
  Log1p: unary("log_plus_one"),
  LogicalNot: unary("not"),
  Neg: unary("negate"),
  Round: unary("round_nearest_even"),
  Rsqrt: unary("rsqrt"),
  Sigmoid: unary("logistic"),
  Sign: unary("sign"),
  Sin: unary("sine"),
  Sqrt: unary("sqrt"),
  Tanh: unary("tanh"),

  Add: binary("add"),
  Atan2: binary("atan2"),
  LogicalAnd: binary("and"),
  LogicalOr: binary("or"),
  Maximum: binary("maximum"),
  Minimum: binary("minimum"),
  Multiply: binary("multiply"),
  Pow: binary("power"),
  RealDiv: binary("divide"),
  Sub: binary("subtract"),
  Mod: floorMod,
  FloorDiv: (m, [a, b], operation) =>
    m.binary("divide", m.binary("subtract", a!, floorMod(m, [a!, b!], operation)), b!),
  SquaredDifference: (m, [a, b]) => {
    const difference = m.binary("subtract", a!, b!);
    return m.binary("multiply", difference, difference);
  },

  Equal: compare("EQ"),
  NotEqual: compare("NE"),
  Greater: compare("GT"),
  GreaterEqual: compare("GE"),
  Less: compare("LT"),
  LessEqual: compare("LE"),
  IsFinite: (m, [x]) => m.one("is_finite", [x!], { shape: x!.shape, element: "i1" }),
  IsInf: (m, [x]) => m.compare("EQ", m.unary("abs", x!), m.fill(Infinity, { ...x!, shape: [] })),
  IsNan: (m, [x]) => m.compare("NE", x!, x!),

  OnesLike: (m, [x]) => m.fill(1, x!),
  ZerosLike: (m, [x]) => m.fill(0, x!),
  Square: (m, [x]) => m.binary("multiply", x!, x!),
  Reciprocal: (m, [x]) => m.binary("divide", m.fill(1, x!), x!),
  Relu: (m, [x]) => m.with("maximum", x!, 0),
  Relu6: (m, [x]) => m.with("minimum", m.with("maximum", x!, 0), 6),

  Acos: formula((f, x) => f.multiply(f.atan2(rootOf(f, x), f.add(x, 1)), 2)),
  Acosh: formula((f, x) =>
    f.of(
      "log",
      f.add(x, f.multiply(f.of("sqrt", f.subtract(x, 1)), f.of("sqrt", f.add(x, 1)))),
    )
  ),
  Asin: formula((f, x) => f.multiply(f.atan2(x, f.add(rootOf(f, x), 1)), 2)),
  Asinh: formula((f, x) => {
    const size = f.of("abs", x);
    const square = f.multiply(x, x);
    const root = f.of("sqrt", f.add(square, 1));
    const log = f.of("log_plus_one", f.add(size, f.divide(square, f.add(root, 1))));
    return f.multiply(f.of("sign", x), log);
  }),
  Atan: formula((f, x) => f.atan2(x, 1)),
  Atanh: formula((f, x) =>
    f.multiply(
      f.subtract(f.of("log_plus_one", x), f.of("log_plus_one", f.of("negate", x))),
      0.5,
    )
  ),
  Cosh: formula((f, x) =>
    f.multiply(f.add(f.of("exponential", x), f.of("exponential", f.of("negate", x))), 0.5)
  ),
  Elu: formula((f, x) => f.above(x, x, f.of("exponential_minus_one", x))),
  Erf: formula((f, x) => {
    const near = f.minimum(f.maximum(x, -4), 4);
    const square = f.multiply(near, near);
    const above = f.multiply(near, polynomial(f, square, ERF.above));
    return f.divide(above, polynomial(f, square, ERF.below));
  }),
  Selu: formula((f, x) =>
    f.above(
      x,
      f.multiply(x, SELU.scale),
      f.multiply(f.of("exponential_minus_one", x), SELU.alpha),
    )
  ),
  Sinh: formula((f, x) => {
    const more = f.of("exponential_minus_one", x);
    return f.multiply(f.add(more, f.divide(more, f.add(more, 1))), 0.5);
  }),
  Softplus: formula((f, x) =>
    f.add(
      f.maximum(x, 0),
      f.of("log_plus_one", f.of("exponential", f.of("negate", f.of("abs", x)))),
    )
  ),
  Tan: formula((f, x) => f.divide(f.of("sine", x), f.of("cosine", x))),
};

/** sqrt(1 - x^2) without loss near 1. */
function rootOf(f: Arithmetic, x: Value): Value {
  return f.of("sqrt", f.multiply(f.add(x, 1), f.add(f.of("negate", x), 1)));
}
