/**
 * Curve points of the paper (arXiv 2503.21676), read off its figures to about 1 %: 64,000 people,
 * 16,000 steps of 128 biographies and one seed where nothing else is said. Facts, not code; what is
 * quoted from its text is marked.
 *
 * @module
 */

/** What knowing nobody scores, nats a value: (ln 800 + ln 800 + ln 200 + ln 100 + ln 500 + ln 74,772) / 6. */
export const PAPER_FLOOR = 6.785;

/** Biographies of each person in a step of the default run. */
export const PAPER_EXPOSURES = 128 / 64_000;

/** Step at which the default run's loss falls below .95 of {@link PAPER_FLOOR}. */
export const PAPER_PLATEAU_END = 3720;

/** Points of curves, each list in the order of the first. */
export const PAPER_CURVES = {
  /** Figure 2: attribute loss on seen people, held-out templates, nats; five seeds. */
  loss: {
    steps: [375, 1000, 2000, 3000, 4000, 5000, 7000, 8000, 10_000, 12_000, 16_000],
    nats: [7.27, 6.98, 6.87, 6.72, 6.31, 5.47, 3, 1.85, 0.51, 0.1, 0.017],
  },
  /** Figure 2, from its text: step at which the plateau ends; five seeds. */
  plateau: {
    people: [4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000],
    steps: [375, 600, 1110, 2090, 3085, 6029, 10_854],
  },
  /** Figure 3: the last layer's attention from where a value is told to the name. */
  attention: {
    steps: [250, 500, 1000, 2000, 3000, 5000],
    mass: [0.28, 0.36, 0.43, 0.75, 0.86, 0.9],
  },
  /** Appendix D: final loss with the attention of a reference from so many steps. */
  patching: {
    reference: [0, 500, 1000, 2000, 4000, 8000, 16_000],
    nats: [0.65, 5.14, 3.51, 0.19, 0.037, 0.0092, 0.0079],
  },
  /** Figure 4: step at which the plateau ends where people are drawn by rank^-alpha. */
  powerLaw: {
    alpha: [0, 0.2, 0.4, 0.6, 0.8, 1],
    steps: [3100, 3100, 2500, 2000, 2000, 3100],
  },
  /** Appendices G to I: final loss over everybody after 8,000 steps, each schedule at its best. */
  schedules: {
    names: ["uniform", "power law", "celebrities", "warm-up"],
    nats: [3.41, 1.4, 1.32, 0.22],
  },
  /** Figure 5: loss on people never seen, nats. */
  unseen: {
    steps: [2500, 4000, 5500, 8500, 16_000],
    nats: [6.94, 7.25, 8.2, 11.7, 16],
  },
  /** Appendix M: mean largest probability about people never seen, on the plateau and in the end. */
  confidence: { steps: [3000, 16_000], mean: [0.53, 0.794] },
  /** Appendix N: accuracy on old people after 4,000 steps of tuning on new ones alone. */
  forgetting: {
    added: [1000, 2000, 4000, 8000, 16_000],
    accuracy: [0.47, 0.54, 0.45, 0.19, 0.087],
  },
  /** Appendix N: least accuracy on old people, by the weight of an old person; 4,000 new ones. */
  replay: {
    weight: [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2],
    accuracy: [0.937, 0.97, 0.986, 0.994, 0.997, 0.998, 0.999],
  },
} as const;
