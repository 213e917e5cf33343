/**
 * What a run replays of what its base run knew: text that the model it begins with writes itself, or
 * biographies of old people, whom it picks by name or by what that model knows of them.
 *
 * @module
 */

import { type Corpus, namesakes, type Row, shuffle, stream } from "../generator/mod.ts";
import { type Asking, type Evaluation, measurePersons } from "../probes/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { configure } from "./configure.ts";
import { type OwnText, ownText, withOwnText } from "./own_text.ts";
import type { Measurement } from "./record.ts";
import type { Replay } from "./tuning.ts";

/** What a run replays. */
export interface Replayed {
  /** Text of its own. */
  text?: OwnText;
  /** Old people, by index. */
  people?: readonly number[];
}

/**
 * Whether the parameters that a run begins with are needed to know, or to write, what it replays: whom
 * it has picked before is in its first measurement.
 */
export function needsBeginning(
  { tuning: { ownText, replay } }: RunConfiguration,
  first?: Measurement,
): boolean {
  return ownText > 0 || replay !== null && first?.replayed === undefined;
}

/**
 * What a run replays; the engine must hold the parameters that it begins with where these are needed.
 */
export function replayedBy(
  configuration: RunConfiguration,
  { engine, calls, corpus, first }: {
    engine: Engine;
    calls: { writing: Asking | undefined; evaluation: Evaluation };
    corpus: Corpus;
    first?: Measurement;
  },
): Replayed {
  const { writing, evaluation } = calls;
  return {
    ...writing && { text: ownText(configuration, { engine, asking: writing, corpus }) },
    ...configuration.tuning.replay &&
      { people: first?.replayed ?? pickedPeople(configuration, corpus, { engine, evaluation }) },
  };
}

/** A step's rows with a share of them replaced by what is replayed; a pure function of the step. */
export function withReplayed(
  rows: readonly Row[],
  { text, people }: Replayed,
  { configuration: { seed, tuning }, corpus, step }: {
    configuration: RunConfiguration;
    corpus: Corpus;
    step: number;
  },
): Row[] {
  const written = text ? withOwnText(rows, text, { seed, step, share: tuning.ownText }) : [...rows];
  return people
    ? withPeople(written, people, { corpus, step, share: tuning.replay!.share })
    : written;
}

/** The same with biographies of some people. */
function withPeople(
  rows: readonly Row[],
  people: readonly number[],
  { corpus, step, share }: { corpus: Corpus; step: number; share: number },
): Row[] {
  const { population, writer, options: { seed, order, templates } } = corpus;
  const random = stream(seed, "replay", step);
  const style = { set: "training", order, templates } as const;
  return rows.map((row) => {
    const [isOld, person] = [random() < share, people[Math.floor(random() * people.length)]!];
    return isOld ? writer.write(population, person, style, random) : row;
  });
}

/** What tells how well a model knows old people. */
interface Asked {
  engine: Engine;
  evaluation: Evaluation;
}

/** By whom to pick: a number for each old person, the largest of which are picked. */
const RANKS: Record<
  Replay["pick"],
  (old: number, corpus: Corpus, asked: Asked) => ArrayLike<number>
> = {
  random: (old) => new Float64Array(old),
  namesakes: (old, { population }) => namesakes(population, old),
  "least known": lossOf,
  "best known": (old, corpus, asked) => lossOf(old, corpus, asked).map((loss) => -loss),
};

/** Mean loss of each old person's values by the name alone, nats, in wordings kept from them. */
function lossOf(old: number, { population, writer, options }: Corpus, asked: Asked): number[] {
  const random = stream(options.seed, "replay", "asked");
  const biographies = Array.from(
    { length: old },
    (_, person) => writer.write(population, person, { set: "held-out", order: "shuffled" }, random),
  );
  return measurePersons({ biographies }, asked).loss;
}

/** The people whom a run replays, of those its base run had. Ties are broken by lot. */
function pickedPeople(
  { seed, start, tuning }: RunConfiguration,
  corpus: Corpus,
  asked: Asked,
): number[] {
  const { people, pick } = tuning.replay!;
  const old = configure(start!.run).people;
  const lot = shuffle(Array.from({ length: old }, (_, person) => person), stream(seed, "replay"));
  const ranks = RANKS[pick](old, corpus, asked);
  return lot.sort((a, b) => ranks[b]! - ranks[a]!).slice(0, people).sort((a, b) => a - b);
}
