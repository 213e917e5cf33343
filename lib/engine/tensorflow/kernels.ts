/**
 * Our own kernels for TensorFlow's backend of tfjs, where functions run op by op.
 *
 * @module
 */

import { type Tensor, tf } from "../tfjs.ts";

/** The door of tfjs-node's backend through which ops go. */
interface Ops {
  executeMultipleOutputs(
    op: string,
    attributes: { name: string; type: number; value: number }[],
    inputs: Tensor[],
    count: number,
  ): Tensor[];
  binding: { TF_ATTR_TYPE: number; TF_FLOAT: number; TF_INT32: number };
}

/** Makes them known; TensorFlow must be open. */
export function registerKernels(): void {
  const register = (
    kernelName: string,
    run: (inputs: Record<string, Tensor>, backend: Ops) => Tensor | Tensor[],
  ) =>
    tf.registerKernel({
      kernelName,
      backendName: "tensorflow",
      kernelFunc: ({ inputs, backend }) => run(inputs as never, backend as never),
    });
  const types = ({ binding }: Ops, of: Record<string, "TF_FLOAT" | "TF_INT32">) =>
    Object.entries(of).map(([name, type]) => ({
      name,
      type: binding.TF_ATTR_TYPE,
      value: binding[type],
    }));
  // tfjs-node's own gather reads the ids back to check them.
  register("Rows", ({ table, ids }, backend) =>
    backend.executeMultipleOutputs(
      "GatherV2",
      types(backend, { Tparams: "TF_FLOAT", Tindices: "TF_INT32", Taxis: "TF_INT32" }),
      [table!, ids!, tf.scalar(0, "int32")],
      1,
    )[0]!);
  register("CrossEntropy", ({ logits, targets }, backend) =>
    backend.executeMultipleOutputs(
      "SparseSoftmaxCrossEntropyWithLogits",
      types(backend, { T: "TF_FLOAT", Tlabels: "TF_INT32" }),
      [logits!, targets!],
      2,
    ));
}
