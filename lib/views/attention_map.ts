/**
 * Attention on one biography that a person can read: tokens on both axes, at a few checkpoints
 * of a run. Maps that a notebook shows are committed, for checkpoints are not.
 *
 * @module
 */

import { variable } from "../environment.ts";
import { type Emphasis, type Figure, heatmap } from "../figures/mod.ts";
import { type Biography, evaluationSets } from "../generator/mod.ts";
import { forwardOf, mixerOf, parameterShapes } from "../model/mod.ts";
import { patternsOf } from "../probes/mod.ts";
import { mean } from "../readings/mod.ts";
import { sweep } from "../sweep/mod.ts";
import { engineOn } from "../engine/mod.ts";
import {
  configure,
  corpusOf,
  identity,
  OUT,
  parametersOf,
  placeOf,
  type RunConfiguration,
  type RunInput,
  writeWhole,
} from "../trainer/mod.ts";
import { wordLabels, wordLooks, WORDS_NOTE, wordsUntil } from "./word_labels.ts";

/** The attention of one layer, mean over heads, on the beginning of a biography. */
export interface AttentionMap {
  /** Steps the model had done. */
  step: number;
  /** Layer, counted from 1. */
  layer: number;
  /** Words of the biography, up to the last one shown. */
  tokens: string[];
  /** Queries at which a value is about to be written. */
  asked: number[];
  /** weights[query][key], three digits. */
  weights: number[][];
  /** How names and values among the words look. */
  looks: Emphasis[];
}

/** Sentences of the biography that are shown. */
const SENTENCES = 2;

const COMMITTED = new URL("../../data/maps/", import.meta.url);
const LOCAL = new URL("maps/", OUT);

/**
 * The last layer's attention on the first sentences of a person's biography at some checkpoints
 * of a run: read from the committed file, or computed, for which the run is trained again if its
 * checkpoints are not on this machine.
 *
 * @example
 * ```ts
 * import { attentionMaps } from "factlab";
 * const [start] = await attentionMaps({ scale: "smoke", steps: 20 }, [0]);
 * console.log(start!.tokens.join(" "));
 * ```
 */
export async function attentionMaps(run: RunInput, steps: number[]): Promise<AttentionMap[]> {
  const configuration = configure(run);
  const name = `${identity(configuration)}.json`;
  for (const folder of [COMMITTED, LOCAL]) {
    const maps = readMaps(new URL(name, folder));
    const wanted = steps.map((step) => maps.find((map) => map.step === step));
    if (wanted.every((map) => map !== undefined)) {
      const looks = wordLooks(shownBiography(configuration));
      return wanted.map((map) => ({ ...map, looks }));
    }
  }
  if (variable("FACTLAB_FRESH") === "0") {
    throw new Error(
      `Cannot map the attention of run ${identity(configuration)}: there is no data/maps/${name} ` +
        "with these steps, and FACTLAB_FRESH=0 allows no training. Unset it.",
    );
  }
  if (run.reference || !mixerOf(configuration.model).places.includes("pattern")) {
    const got = run.reference ? "one that borrows them" : configuration.model.mixer;
    throw new Error(
      `Cannot map the attention of run ${identity(configuration)}: it must be a model with ` +
        `patterns of its own, got ${got}.`,
    );
  }
  await sweep([], { also: steps.map((step) => ({ run, step })) });
  const kind = engineOn();
  await kind.open({});
  const { model } = configuration;
  const corpus = corpusOf(configuration);
  const biography = shownBiography(configuration);
  const tokens = wordsUntil(biography, SENTENCES, corpus.tokenizer);
  const looks = wordLooks(biography);
  const { vocabularySize } = corpus.tokenizer;
  const length = biography.tokens.length;
  const patterns = patternsOf({ model, forward: forwardOf(model), sequences: 1, length });
  const program = { state: parameterShapes(model, vocabularySize), calls: [patterns] };
  const engine = kind.build(program, {});
  using _ = { [Symbol.dispose]: () => engine.dispose() };
  const layer = model.layers - 1;
  const maps = steps.map((step): AttentionMap => {
    engine.write(parametersOf({ run, step }, vocabularySize));
    const pattern = patterns.run(engine, [biography]);
    const weight = (query: number, key: number) => {
      let sum = 0;
      for (let head = 0; head < model.heads; head++) {
        sum += pattern.weights({ layer, row: 0, head, query })[key]!;
      }
      return Number((sum / model.heads).toPrecision(3));
    };
    const places = tokens.map((_, i) => i);
    return {
      step,
      layer: layer + 1,
      ...{ tokens, looks },
      asked: biography.spans
        .filter(({ kind, sentence }) => kind === "value" && sentence < SENTENCES)
        .map(({ start }) => start - 1),
      weights: places.map((query) => places.map((key) => key > query ? 0 : weight(query, key))),
    };
  });
  Deno.mkdirSync(LOCAL, { recursive: true });
  writeWhole(new URL(name, LOCAL), new TextEncoder().encode(JSON.stringify(maps) + "\n"));
  return maps;
}

function shownBiography(configuration: RunConfiguration): Biography {
  return evaluationSets(corpusOf(configuration))[0]!.biographies[0]!;
}

function readMaps(file: URL): Omit<AttentionMap, "looks">[] {
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (!(error instanceof SyntaxError)) throw error;
    console.warn(`Cannot read ${placeOf(file)}: ${error.message}. Its maps are made again.`);
    return [];
  }
}

/**
 * Where the model looks when it is about to write a value: tokens down, checkpoints across, the
 * last value of the maps.
 *
 * @example
 * ```ts
 * import { attentionMapFigure, attentionMaps } from "factlab";
 * console.log(attentionMapFigure(await attentionMaps({ scale: "smoke" }, [0, 20])).alt);
 * ```
 */
export function attentionMapFigure(maps: readonly AttentionMap[]): Figure {
  const [first] = maps;
  const query = first?.asked.at(-1) ?? 0;
  const tokens = first?.tokens.slice(0, query + 1) ?? [];
  const labels = wordLabels(tokens);
  return heatmap({
    title: `What the model looks at before it writes “${
      first?.tokens[query + 1]?.replace("▁", "")
    }”`,
    x: { title: "training step", labels: maps.map(({ step }) => String(step)) },
    y: { title: "", labels: labels.toReversed(), emphasis: looksUp(first, query + 1) },
    z: tokens.map((_, i) => maps.map(({ weights }) => weights[query]![i]!)).toReversed(),
    value: "share of attention",
    range: [0, 1],
    height: 140 + 22 * tokens.length,
    caption: lookedAt(maps) +
      `Layer ${first?.layer}, mean over heads, the first two sentences of one biography; a ` +
      `column a checkpoint. ${WORDS_NOTE}`,
  });
}

/** Looks of so many words, the last first, as rows are. */
function looksUp(map: AttentionMap | undefined, count: number): Emphasis[] {
  return (map?.looks ?? []).slice(0, count).toReversed();
}

/** Which word is looked at most in the first map and in the last. */
function lookedAt(maps: readonly AttentionMap[]): string {
  return [...new Set([maps[0], maps.at(-1)])].map((map) => {
    const place = map?.asked.at(-1);
    const weights = map?.weights[place!];
    if (!map || !weights) return "";
    const most = Math.max(...weights);
    const word = map.tokens[weights.indexOf(most)]!.replace("▁", "");
    if (most < 2 / (place! + 1)) return `At step ${map.step} no word gets much more than others. `;
    return `At step ${map.step} most goes to “${word}” (${percent(most)}). `;
  }).join("");
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/**
 * A whole map: which word (down) looks at which (across).
 *
 * @example
 * ```ts
 * import { attentionMaps, attentionMatrixFigure } from "factlab";
 * const [first] = await attentionMaps({ scale: "smoke" }, [0]);
 * console.log(attentionMatrixFigure(first!).alt);
 * ```
 */
export function attentionMatrixFigure(map: AttentionMap): Figure {
  const { tokens, weights, step, layer, looks, asked } = map;
  const labels = wordLabels(tokens);
  const onNames = mean(
    asked.map((query) => total(weights[query]!.filter((_, key) => looks[key] === "bold"))),
  );
  return heatmap({
    title: `Which word looks at which, step ${step}`,
    x: { title: "looked at", labels, emphasis: looks },
    y: { title: "looks", labels: labels.toReversed(), emphasis: looksUp(map, tokens.length) },
    z: weights.map((row, query) => row.map((weight, key) => key > query ? null : weight))
      .toReversed(),
    value: "share of attention",
    range: [0, 1],
    // Too many cells for numbers.
    format: () => "",
    height: 200 + 20 * tokens.length,
    caption:
      `Before its values ${percent(onNames)} of the attention goes to names. Layer ${layer}, ` +
      `mean over heads, the first two sentences of one biography. ${WORDS_NOTE}`,
  });
}
