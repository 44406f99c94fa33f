/**
 * What all connections of a server share: the handler and its callbacks, limits
 * and timeouts, clocks, buffers and what is remembered between requests. It is
 * made from the options.
 *
 * @module
 */
import type { ConnectHandler, Handler } from "../handler.ts";
import type { Exchange } from "../observer.ts";
import {
  type Limits,
  resolveLimits,
  resolveTimeouts,
  type Timeouts,
} from "../limits.ts";
import { BufferBudget } from "../transfer_buffer.ts";
import { LastOrigin, LastSection } from "../wire/request_head.ts";
import { AnswerHeads } from "./answer.ts";
import { ClientRequests } from "./client_limits.ts";
import { Deadlines } from "./client_timeouts.ts";
import { type ErrorAnswers, toErrorResponse } from "./error_response.ts";
import { Fairness } from "./clock.ts";
import type { ServeOptions } from "./serve_options.ts";
import type { Rostered } from "./roster.ts";
import type { Transport } from "./transport.ts";

/** What all connections of a server share. */
export interface ConnectionContext extends ErrorAnswers {
  handler: Handler;
  connect?: ConnectHandler;
  /** Whether an address is that of a proxy whose fields are believed. */
  trustProxy?: (hostname: string) => boolean;
  /** Whether connections from an address begin with a PROXY header. */
  proxyProtocol?: (hostname: string) => boolean;
  /** Refuses requests of clients that send too many; not there without limit. */
  clientRequests?: ClientRequests;
  limits: Limits;
  timeouts: Timeouts;
  deadlines: Deadlines;
  fairness: Fairness;
  budget: BufferBudget;
  lastSection: LastSection;
  lastOrigin: LastOrigin;
  heads: AnswerHeads;
  /** The authority of URLs if a client names none and the server listens. */
  authority?: string;
  /** Whether each answer is the last one on its connection. */
  isDraining: boolean;
  /** Whether no more requests are waited for. */
  isShuttingDown: boolean;
  /** Called for each exchange when it is over. */
  onExchange?: (exchange: Exchange) => void;
  /**
   * Called when a connection has no request in progress, if a listener is set.
   */
  onRest?: () => void;
  /** Called when a connection has ended. */
  onClosed: (connection: Rostered & { transport: Transport }) => void;
  /** Called when nothing runs for a connection any more, no handler either. */
  onEnded: () => void;
  /** Called with an error caused by a lack of file descriptors. */
  onOutOfDescriptors: (error: unknown) => void;
}

/** What a server does about its connections. */
export type Management = Pick<
  ConnectionContext,
  "onClosed" | "onEnded" | "onOutOfDescriptors"
>;

/** What the options of a server say; throws a RangeError for wrong limits. */
export function makeContext(
  options: ServeOptions<never>,
  handler: Handler,
  management: Management,
): ConnectionContext {
  const limits = resolveLimits(options.limits);
  const deadlines = new Deadlines();
  return {
    handler,
    connect: options.connect,
    trustProxy: options.trustProxy,
    proxyProtocol: options.proxyProtocol,
    clientRequests: limits.clientRate === Infinity
      ? undefined
      : new ClientRequests(limits.clientRate, deadlines.now),
    limits,
    timeouts: resolveTimeouts(options.timeouts),
    deadlines,
    fairness: new Fairness(),
    budget: new BufferBudget(limits.buffered),
    lastSection: new LastSection(),
    lastOrigin: new LastOrigin(),
    heads: new AnswerHeads(),
    onError: options.onError,
    errorResponse: options.errorResponse ?? toErrorResponse,
    onExchange: options.onExchange,
    isDraining: false,
    isShuttingDown: false,
    ...management,
  };
}
