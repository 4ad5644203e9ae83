// The peer's side of the same work: a flow of three no-op steps, each an invocation of a remote handler of its own.
import { createServer } from "node:http2";
import * as restate from "@restatedev/restate-sdk";

// The SDK asks for a newer Node than many machines have, for this one function.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
};

const done = async () => ({ ok: true });
const steps = restate.service({ name: "steps", handlers: { a: done, b: done, c: done } });

const flow = restate.service({
  name: "flow",
  handlers: {
    run: async (ctx) => {
      const step = ctx.serviceClient(steps);
      await step.a({ n: 1 });
      await step.b({ n: 1 });
      return await step.c({ n: 1 });
    },
  },
});

createServer(restate.createEndpointHandler({ services: [steps, flow] })).listen(Number(process.argv[2]), "127.0.0.1");
