// A user's own probe in a module of its own, as sweeps load it: is a value ranked above another's?

import { z } from "zod";
import type { Probe } from "../../lib/probes/mod.ts";
import { stream } from "../../lib/generator/mod.ts";

const ranking: Probe<"ranking", { people: number }, number> = {
  name: "ranking",
  module: import.meta.url,
  settings: { people: { schema: z.int().min(1).default(8), off: 0 } },
  reading: z.number().describe("share of first values likelier than another person's"),
  prepare({ corpus: { population, writer }, sets, evaluation }, { people }) {
    const shift = population.lists.attributes.length;
    const values = Int32Array.from(
      population.values,
      (_, i, all = population.values) => all[(i + shift) % all.length]!,
    );
    const chosen = sets[0]!.biographies.slice(0, people).map(({ person }) => person);
    const [own, others] = [population, { ...population, values }].map((told) =>
      chosen.map((person) =>
        writer.write(
          told,
          person,
          { set: "held-out", order: "fixed" },
          stream(0, "ranking", person),
        )
      )
    );
    return {
      calls: [evaluation],
      read(engine, { whole }) {
        if (!whole) return undefined;
        const [right, wrong] = [own!, others!].map((texts) => evaluation.run(engine, texts));
        const wins = right!.filter(([first], i) => first!.loss < wrong![i]![0]!.loss).length;
        return wins / right!.length;
      },
    };
  },
};

export default ranking;
