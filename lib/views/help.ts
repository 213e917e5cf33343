/**
 * What a name of factlab is and which keys it takes, inside a notebook: Deno's kernel has no answer to
 * Shift-Tab and completes no keys between braces, and what it knows of types is gone when a cell runs.
 * So this asks `deno doc` for what the sources say.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { didYouMean, escapeHtml, table, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import { CHECKOUT } from "../environment.ts";
import { configure, type RunConfiguration } from "../trainer/mod.ts";

/** Types and symbols as `deno doc --json` writes them, as far as they are read here. */
interface Type {
  kind: string;
  repr?: string;
  value?: unknown;
}
interface Named {
  name: string;
  optional?: boolean;
  tsType?: Type;
  jsDoc?: { doc?: string };
}
interface Declared {
  kind: string;
  jsDoc?: { doc?: string };
  def: {
    properties?: Named[];
    methods?: (Named & { functionDef: Declared["def"] })[];
    extends?: Type[];
    tsType?: Type;
    params?: (Named & { left?: Named })[];
    returnType?: Type;
  };
}
type Names = ReadonlyMap<string, Declared>;

let known: Promise<Names> | undefined;

/**
 * A function of factlab with its parameters, or a type with its keys: what each is, and, of a run's
 * configuration, what scale laptop makes of it. Takes about a second the first time.
 *
 * @example
 * ```ts
 * import { help } from "factlab";
 * console.log((await help("train")).text);
 * console.log((await help("RunInput")).text); // all keys of a run's configuration
 * ```
 *
 * @throws {Error} for a name that factlab does not export, with the one that was meant.
 */
export async function help(name: string): Promise<TextAndHtml> {
  const names = await (known ??= documented());
  const found = names.get(name);
  if (!found) {
    const meant = didYouMean(name, [...names.keys()]);
    throw new Error(`Cannot help: name must be one that factlab exports, got "${name}"${meant}.`);
  }
  const { def: { params, returnType }, jsDoc } = found;
  const about = said(jsDoc);
  if (params) {
    const written = params.map(({ left, ...own }) =>
      left ? `${left.name}?: ${typeText(left.tsType)}` : signed(own)
    );
    const line = `${name}(${written.join(", ")}): ${typeText(returnType)}`;
    return textAndHtml(
      `${line}\n\n${about}`,
      `<p><code>${escapeHtml(line)}</code></p><p style="max-width:46em">${escapeHtml(about)}</p>`,
    );
  }
  const defaults = name === "RunInput" || name === "RunConfiguration" ? configure() : undefined;
  const rows = keysOf({ kind: "typeRef", value: { typeName: name } }, names)
    .flatMap((key) => [key, ...inner(key, names)])
    .flatMap((key, i, all) => [key, ...(defaults ? settingsOf(key, defaults, all.slice(i)) : [])])
    .map(({ name: key, tsType, jsDoc }) => ({
      key,
      type: typeText(tsType),
      ...(defaults ? { "at scale laptop": valueAt(defaults, key) } : {}),
      "what it is": said(jsDoc),
    }));
  return table(rows, { caption: `${name}: ${about}` });
}

/** Everything that lib/mod.ts exports. */
async function documented(): Promise<Names> {
  const args = ["doc", "--json", "--quiet", "--import-map", ".cache/imports.json", "lib/mod.ts"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: fileURLToPath(CHECKOUT),
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) {
    known = undefined;
    throw new Error(`Cannot help: deno doc must read lib/mod.ts, got\n${decoded(stderr)}`);
  }
  const { nodes } = JSON.parse(decoded(stdout)) as {
    nodes: Record<string, { symbols: { name: string; declarations: Declared[] }[] }>;
  };
  const symbols = Object.values(nodes).flatMap(({ symbols }) => symbols);
  return new Map(symbols.map(({ name, declarations }) => [name, declarations[0]!]));
}

const decoded = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const said = (jsDoc?: { doc?: string }) => (jsDoc?.doc ?? "").replaceAll(/\s+/g, " ").trim();
const signed = ({ name, optional, tsType }: Named) =>
  `${name}${optional ? "?" : ""}: ${typeText(tsType)}`;

/** The keys of a type: its own, and those of what it is made of. */
function keysOf(type: Type, names: Names): Named[] {
  if (type.kind === "intersection") {
    return (type.value as Type[]).flatMap((part) => keysOf(part, names));
  }
  if (type.kind === "typeLiteral") return (type.value as { properties: Named[] }).properties;
  if (type.kind !== "typeRef") return [];
  const { typeName, typeParams = [] } = type.value as { typeName: string; typeParams?: Type[] };
  if (/^(Partial|Readonly|Omit|Pick)$/.test(typeName)) {
    const [of, listed] = typeParams;
    const chosen = [listed?.value ?? []].flat().map((literal) => (literal as Type).repr);
    return keysOf(of!, names).filter(({ name }) =>
      !listed || chosen.includes(name) === (typeName === "Pick")
    );
  }
  const declared = names.get(typeName);
  if (!declared) return [];
  const { properties = [], methods = [], extends: bases = [], tsType } = declared.def;
  return [
    ...bases.flatMap((base) => keysOf(base, names)),
    ...properties,
    ...methods.map((method) => ({ ...method, tsType: { kind: "", repr: "function" } })),
    ...(tsType ? keysOf(tsType, names) : []),
  ];
}

/** The keys within a key whose type is a part of another: `optimizer.lr` in `optimizer`. */
function inner({ name, tsType }: Named, names: Names): Named[] {
  const of = tsType?.kind === "typeRef" ? tsType.value as { typeName: string } : undefined;
  if (of?.typeName !== "Partial") return [];
  return keysOf(tsType!, names).map((key) => ({ ...key, name: `${name}.${key.name}` }));
}

/** Keys that no source writes down: the settings of probes, which are those of a list of values. */
function settingsOf(
  { name }: Named,
  defaults: RunConfiguration,
  listed: readonly Named[],
): Named[] {
  if (name !== "evaluation") return [];
  const known = new Set(listed.map((key) => key.name));
  return Object.entries(defaults.evaluation)
    .map(([key, value]) => ({ name: `evaluation.${key}`, value }))
    .filter((key) => !known.has(key.name))
    .map(({ name, value }) => ({
      name,
      tsType: { kind: "", repr: typeof value },
      jsDoc: { doc: "A setting of a probe (lib/probes)." },
    }));
}

function typeText(type?: Type): string {
  if (!type) return "";
  if (type.kind === "union") return (type.value as Type[]).map(typeText).join(" | ");
  if (type.kind === "array") return `${typeText(type.value as Type)}[]`;
  if (type.kind === "literal") {
    const { kind } = type.value as { kind: string };
    return kind === "string" ? JSON.stringify(type.repr) : type.repr!;
  }
  if (type.kind === "typeRef") {
    const { typeName, typeParams = [] } = type.value as { typeName: string; typeParams?: Type[] };
    return typeName + (typeParams.length > 0 ? `<${typeParams.map(typeText).join(", ")}>` : "");
  }
  return type.repr || type.kind.replace("fnOrConstructor", "function");
}

/** The value at a dotted key, as JSON; of what has keys of its own, nothing. */
function valueAt(of: object, key: string): string {
  const value = key.split(".").reduce<unknown>((now, part) => (now as never)?.[part], of);
  const isPart = isObject(value) && Object.keys(value).length > 0;
  return isPart || value === undefined ? "" : JSON.stringify(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
