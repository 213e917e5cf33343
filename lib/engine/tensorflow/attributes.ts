/**
 * Attributes of graph nodes as the protobuf messages that tfjs-node carries.
 *
 * @module
 */

import { protobuf } from "./load.ts";

/** TensorFlow's numbers of element types. */
export const TYPE = { float32: 1, int32: 3, bool: 10, bfloat16: 14 } as const;

/** Makes an attribute of a node. */
export const attr = {
  type: (code: number) => set("setType", code),
  int: (value: number) => set("setI", value),
  float: (value: number) => set("setF", value),
  bool: (value: boolean) => set("setB", value),
  text: (value: string) => set("setS", new TextEncoder().encode(value)),
  shape: (sizes: readonly number[]) => set("setShape", shapeMessage(sizes)),
  tensor: (code: number, sizes: readonly number[], bytes: Uint8Array) => {
    const message = new (pb().Tensor)();
    message.setDtype(code);
    message.setTensorShape(shapeMessage(sizes));
    message.setTensorContent(bytes);
    return set("setTensor", message);
  },
};

let classes: ReturnType<typeof protobuf>;
/** The protobuf classes. */
// deno-lint-ignore no-explicit-any
export function pb(): any {
  return classes ??= findClasses(protobuf());
}

// deno-lint-ignore no-explicit-any
function findClasses(module: any): any {
  return module.NodeDef ? module : module.tensorflow ?? module.default ?? module;
}

function set(setter: string, value: unknown): unknown {
  const message = new (pb().AttrValue)();
  message[setter](value);
  return message;
}

function shapeMessage(sizes: readonly number[]): unknown {
  const shape = new (pb().TensorShape)();
  shape.setDimList(sizes.map((size) => {
    const dim = new (pb().TensorShape.Dim)();
    dim.setSize(size);
    return dim;
  }));
  return shape;
}
