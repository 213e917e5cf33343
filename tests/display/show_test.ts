// Where values go: one message to a kernel, text to a terminal, few updates of a live display.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  displayable,
  displaySymbol,
  frameSymbol,
  liveDisplay,
  type MimeBundle,
  show,
} from "../../lib/display/mod.ts";

interface Message {
  type: string;
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

function fakeKernel() {
  const sent: Message[] = [];
  const broadcast = (type: string, content: Record<string, unknown>) => {
    sent.push({ type, ...content } as unknown as Message);
    return Promise.resolve();
  };
  return { sent, kernel: { broadcast } };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("show sends the bundle to a kernel, with alternative text for pictures", async () => {
  const { sent, kernel } = fakeKernel();
  await show(displayable(() => ({ "image/png": "iVBO", "text/plain": "a flat line" })), { kernel });
  assertEquals(sent, [{
    type: "display_data",
    data: { "image/png": "iVBO", "text/plain": "a flat line" },
    metadata: { "image/png": { alt: "a flat line" } },
    transient: {},
  }]);
});

Deno.test("show prints plain text in a terminal, or says what there is", async () => {
  const written: string[] = [];
  const options = { kernel: null, write: (text: string) => void written.push(text) };
  await show("12 people", options);
  await show(displayable(() => ({ "image/png": "iVBO" })), options);
  assertEquals(written, ["12 people\n", "[image/png]\n"]);
});

Deno.test("a live display sends few of many updates, all to one place, and always the last", async () => {
  const { sent, kernel } = fakeKernel();
  const live = liveDisplay({ kernel, every: 20 });
  for (let step = 0; step < 100; step++) live.update(`step ${step}`);
  await pause(60);
  assertEquals(sent.map(({ data }) => data["text/plain"]), ["step 0", "step 99"]);
  live.update("skipped");
  live.update("closing");
  await live.close();
  live.update("too late");
  await live.close();
  assertEquals(sent.at(-1)?.data["text/plain"], "closing");
  assertEquals(sent[0]?.type, "display_data");
  assert(sent.slice(1).every(({ type }) => type === "update_display_data"));
  assertEquals(new Set(sent.map(({ transient }) => transient.display_id)).size, 1);
});

Deno.test("frames use the cheap form, the last value its full form", async () => {
  const { sent, kernel } = fakeKernel();
  const curve = {
    [displaySymbol]: () => ({ "text/plain": "full" }),
    [frameSymbol]: () => ({ "text/plain": "frame" }),
  };
  const live = liveDisplay({ kernel, every: 0 });
  live.update(curve);
  await pause(5);
  await live.close();
  assertEquals(sent.map(({ data }) => data["text/plain"]), ["frame", "full"]);
});

Deno.test("a value that cannot be shown does not stop the work, but close tells of it", async () => {
  const { sent, kernel } = fakeKernel();
  const live = liveDisplay({ kernel, every: 0 });
  live.update(displayable(() => Promise.reject(new Error("no picture"))));
  await pause(5);
  live.update("fine");
  await assertRejects(() => live.close());
  assertEquals(sent.at(-1)?.data["text/plain"], "fine");
});

Deno.test("a terminal's lines are rewritten in place, a log gets the first", async () => {
  for (const terminal of [true, false]) {
    let written = "";
    const live = liveDisplay({
      kernel: null,
      terminal,
      every: 0,
      write: (text) => written += text,
    });
    live.update("one");
    await pause(5);
    live.update("two\nlines");
    await pause(5);
    await live.close("last");
    assertEquals(
      written,
      terminal ? "\r\x1b[Jone\r\x1b[Jtwo\nlines\r\x1b[1A\x1b[Jlast\n" : "one\ntwo\nlast\n",
    );
  }
});
