/**
 * A user's own probes: they become a part of the run they are handed to.
 *
 * @module
 */

import { z } from "zod";
import { must, problemsOf } from "../display/mod.ts";
import { type AnyProbe, PROBES, settingsSchemas } from "../probes/mod.ts";
import type { RunConfiguration, RunInput } from "./configuration.ts";
import { RESERVED } from "./record.ts";

/**
 * A configuration with some probes as a part of it: their settings are those that it has for them,
 * by name, in `evaluation.probes`.
 *
 * @throws {Error} that names what is wrong: a name that is taken, a setting that may not be.
 */
export function withProbes(input: RunInput, probes: readonly AnyProbe[] = []): RunInput {
  if (probes.length === 0) return input;
  const taken = [...PROBES.map(({ name }) => name), ...RESERVED];
  const asked = input.evaluation?.probes ?? {};
  const own: RunConfiguration["evaluation"]["probes"] = {};
  for (const probe of probes) {
    const { name } = probe;
    if (Object.hasOwn(own, name)) {
      throw new Error(`Cannot run: two probes have the name ${name}; they must differ.`);
    }
    if (taken.includes(name) || !/^[a-z]\w*$/i.test(name)) {
      throw new Error(
        `Cannot run: a probe's name must be one word and none of ${taken.join(", ")}, got ${name}.`,
      );
    }
    const schemas = settingsSchemas([probe]);
    const settings = { [name]: asked[name] ?? {} };
    const parsed = z.strictObject({ [name]: z.strictObject(schemas) })
      .safeParse(settings, { error: must });
    if (!parsed.success) {
      const fields = Object.keys(schemas).map((field) => `${name}.${field}`);
      const [problem] = problemsOf(parsed.error.issues, settings, fields);
      throw new Error(
        `Cannot run: evaluation.probes.${problem}. Give the probe's settings there.`,
      );
    }
    own[name] = parsed.data[name]!;
  }
  return { ...input, evaluation: { ...input.evaluation, probes: { ...asked, ...own } } };
}

/**
 * The probes of a run beside factlab's own, in the order of their names.
 *
 * @throws {Error} if one that is part of the run is not given.
 */
export function probesOf(
  { evaluation }: RunConfiguration,
  given: readonly AnyProbe[] = [],
): AnyProbe[] {
  return Object.keys(evaluation.probes).sort().map((name) => {
    const probe = given.find((own) => own.name === name);
    if (probe) return probe;
    throw new Error(
      `Cannot train: the probe ${name} is part of this run, and was not given. Pass it, as in ` +
        `train(input, { probes: [${name}] }), or leave evaluation.probes.${name} out.`,
    );
  });
}

/**
 * Modules from which another process can load the probes of a run.
 *
 * @throws {Error} if a probe that is part of the run is not given, or has no module.
 */
export function probeModules(
  configuration: RunConfiguration,
  given: readonly AnyProbe[] = [],
): string[] {
  return probesOf(configuration, given).map(({ name, module }) => {
    if (module !== undefined && URL.canParse(module)) return module;
    throw new Error(
      `Cannot sweep: the probe ${name} must be the default export of a module of its own, with ` +
        `module: import.meta.url, got ${module ?? "none"}.`,
    );
  });
}

/** Loads probes from their modules. */
export async function loadProbes(modules: readonly string[]): Promise<AnyProbe[]> {
  return await Promise.all(modules.map(async (module) => {
    const { default: probe } = await import(module) as { default?: AnyProbe };
    if (probe && typeof probe.prepare === "function") return probe;
    throw new Error(`Cannot load a probe: ${module} must export one by default.`);
  }));
}
