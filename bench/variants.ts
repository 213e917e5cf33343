/**
 * What is compared: shapes of the model, and for each the ways to train it, ours and PyTorch's.
 *
 * @module
 */

/** One model with its batch; all axes as in lib/model/transformer.ts. */
export interface Shape {
  name: string;
  layers: number;
  width: number;
  heads: number;
  vocabulary: number;
  batch: number;
  /** Tokens of a row, all of them learned; of biographies, the longest that fits. */
  length: number;
  /** Rows are biographies of laptop scale, in so many groups of similar length. */
  lengthGroups?: number;
}

/** The shapes of the speed table, smallest first. */
export const SHAPES: Shape[] = [
  { name: "laptop", layers: 4, width: 128, heads: 4, vocabulary: 768, batch: 16, length: 104 },
  { name: "1.0M", layers: 4, width: 128, heads: 4, vocabulary: 1024, batch: 32, length: 64 },
  { name: "4.2M", layers: 4, width: 256, heads: 4, vocabulary: 2048, batch: 32, length: 64 },
  { name: "paper", layers: 8, width: 512, heads: 8, vocabulary: 8192, batch: 8, length: 128 },
];

/** The shapes of the speed table of a GPU: batches of the laptop's and of the paper's scale. */
export const GPU_SHAPES: Shape[] = [
  { name: "laptop", layers: 4, width: 128, heads: 4, vocabulary: 768, batch: 8, length: 88 },
  { name: "paper", layers: 8, width: 512, heads: 8, vocabulary: 4224, batch: 128, length: 88 },
];

/** Activations measured. */
export type Activation = "relu2" | "gelu";

/** A way to train: one process that runs steps when asked. */
export interface Variant {
  name: string;
  side: "ours" | "PyTorch";
  mode: string;
}

/** All variants; `--quick` keeps the two PyTorch modes that won the last full bench. */
export const VARIANTS: Variant[] = [
  { name: "ours, eager fp32", side: "ours", mode: "eager" },
  { name: "ours, compiled fp32", side: "ours", mode: "fp32" },
  { name: "ours, compiled bf16", side: "ours", mode: "bf16" },
  { name: "PyTorch eager fp32", side: "PyTorch", mode: "eager-fp32" },
  { name: "PyTorch compile fp32", side: "PyTorch", mode: "compile-fp32" },
  { name: "PyTorch eager bf16 autocast", side: "PyTorch", mode: "eager-bf16" },
  { name: "PyTorch compile bf16 autocast", side: "PyTorch", mode: "compile-bf16" },
  { name: "PyTorch eager fp32, bf16 products", side: "PyTorch", mode: "eager-medium" },
  { name: "PyTorch compile fp32, bf16 products", side: "PyTorch", mode: "compile-medium" },
];

/** The variants of a GPU; PyTorch's best there is known to be CUDA graphs. */
export const GPU_VARIANTS: Variant[] = [
  { name: "ours, gpu fp32", side: "ours", mode: "gpu-fp32" },
  { name: "ours, gpu bf16", side: "ours", mode: "gpu-bf16" },
  { name: "PyTorch eager fp32", side: "PyTorch", mode: "eager-fp32-cuda" },
  { name: "PyTorch eager bf16 autocast", side: "PyTorch", mode: "eager-bf16-cuda" },
  { name: "PyTorch compile bf16 autocast", side: "PyTorch", mode: "compile-bf16-cuda" },
  { name: "PyTorch CUDA graphs bf16 autocast", side: "PyTorch", mode: "graphs-bf16-cuda" },
];

/**
 * AdamW's settings on both sides. At a higher rate without warm-up some steps are unstable, and
 * rounding alone drives two runs of the same code apart.
 */
export const OPTIMIZER = { lr: 3e-4, beta1: 0.9, beta2: 0.95, decay: 0.1 };

/** Batches a worker goes through in turn. */
export const BATCHES = 48;
