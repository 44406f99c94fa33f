/**
 * How long a server takes from its start to its first answer.
 *
 * @module
 */
import { verifyAnswer } from "./answers.ts";
import { denoServe, nodeHttp, sluice } from "./servers.ts";
import { byFigure, type Workload } from "./workload.ts";

const load = { path: "/echo/abc" };
const answer = { content: new TextEncoder().encode("abc") };

/** The workload. */
export const startWorkload: Workload = {
  name: "start",
  title: "from the start to the first answer",
  unit: "ms",
  needs: [],
  servers: [sluice, denoServe("echo"), nodeHttp("echo")],
  ratios: byFigure("Deno.serve"),
  isFresh: true,
  verify: ({ port }) => verifyAnswer(port, load, answer),
  async measure({ port, startTime }) {
    await verifyAnswer(port, load, answer);
    return { figure: performance.now() - startTime };
  },
};
