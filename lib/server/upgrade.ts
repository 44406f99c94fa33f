/**
 * A connection leaves HTTP: another protocol follows the head.
 *
 * In: a request that asks for it (RFC 9110 §7.8), or CONNECT (RFC 9110 §9.3.6).
 * Out: the response to return, and the raw octets, both ways, once it is sent.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { ConnectionLost, HttpError } from "../errors.ts";
import type { Upgraded, UpgradeOptions } from "../handler.ts";
import type { ByteReader } from "../wire/byte_reader.ts";
import type { RequestHead } from "../wire/request_head.ts";
import { encodeResponseHead, ownFields } from "../wire/response_head.ts";
import type { WriteBuffer } from "./write_buffer.ts";
import type { ClientTimeouts, TimedContext } from "./client_timeouts.ts";
import { currentDate } from "./clock.ts";
import type { Transport } from "./transport.ts";

/** The parts of a connection that are handed over. */
export interface Line {
  readonly transport: Transport;
  readonly reader: ByteReader;
  readonly output: WriteBuffer;
  readonly client: Pick<ClientTimeouts, "stopWatch">;
  readonly context: Pick<TimedContext, "deadlines" | "isShuttingDown">;
}

/** What a connection goes over to. */
export interface WayOut {
  /** Of the response that it begins with; with another one it does not. */
  readonly status: number;
  /** The head of a response that goes out for ours, or is a copy of it. */
  headOf(response: Response): string;
  /** Hands the connection over; fulfilled when it has ended. */
  open(line: Line): Promise<void>;
  /** Called if it will not be opened. */
  fail(): void;
  /**
   * Lets it end by itself, as its protocol has it, within `patience` ms.
   *
   * @returns false if it can't.
   */
  leave?(patience?: number): boolean;
}

/** Octets that one read brings at most. */
const MOST = 64 * 1024;

/** One upgrade, from the wish for it to the end of both ways. */
export class Upgrade implements Upgraded, WayOut {
  readonly response: Response;
  readonly socket: Upgraded["socket"];
  #protocol: string | undefined;
  #line = Promise.withResolvers<Line>();
  #ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];

  /** Throws an HttpError with 426 if the client asks for nothing like it. */
  constructor(
    head: RequestHead,
    { protocol, headers }: UpgradeOptions,
    { remoteAddr, localAddr }: Transport,
  ) {
    if (head.method !== "CONNECT") refuseUnasked(head, protocol);
    this.#protocol = head.method === "CONNECT" ? undefined : protocol;
    const status = head.method === "CONNECT" ? 200 : 101;
    this.response = new Response(null, { status, headers });
    this.#line.promise.catch(() => {});
    this.socket = {
      readable: this.#readable(),
      writable: this.#writable(),
      remoteAddr,
      localAddr,
    };
  }

  get status(): number {
    return this.response.status;
  }

  headOf(response: Response): string {
    return encodeSwitch(response, this.#protocol);
  }

  /** Fulfilled when both ways have ended. */
  async open(line: Line): Promise<void> {
    this.#line.resolve(line);
    await Promise.all(this.#ends.map(({ promise }) => promise));
  }

  fail(): void {
    this.#line.reject(new ConnectionLost("The connection was not upgraded"));
  }

  #readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const [end] = this.#ends;
    return new ReadableStream({
      pull: async (controller) => {
        try {
          const { reader } = await this.#line.promise;
          const octets = await reader.readSome(MOST);
          if (octets) return controller.enqueue(octets.slice());
          controller.close();
          end.resolve();
        } catch (error) {
          this.#break();
          throw error;
        }
      },
      cancel: () => end.resolve(),
    }, { highWaterMark: 0 });
  }

  #writable(): WritableStream<Uint8Array> {
    const [, end] = this.#ends;
    return new WritableStream({
      write: async (octets: unknown) => {
        try {
          const { output } = await this.#line.promise;
          if (!(octets instanceof Uint8Array)) throw noOctets();
          output.gather(octets);
          await output.flush();
        } catch (error) {
          this.#break();
          throw error;
        }
      },
      close: async () => {
        try {
          const { output } = await this.#line.promise;
          await output.end();
          end.resolve();
        } catch (error) {
          this.#break();
          throw error;
        }
      },
      abort: () => this.#break(),
    });
  }

  /** Losing one direction loses the other too. */
  #break(): void {
    for (const { resolve } of this.#ends) resolve();
  }
}

/** The head of a response that leaves HTTP, for a protocol or as a tunnel. */
export function encodeSwitch(
  { status, headers }: Response,
  protocol: string | undefined,
): string {
  const fields = [...headers].filter(([name]) =>
    !ownFields.has(name) && name !== "upgrade" && name !== "date"
  );
  fields.unshift(["date", currentDate()]);
  if (protocol) {
    fields.push(["connection", "upgrade"], ["upgrade", protocol]);
  }
  const reason = STATUS_TEXT[status as StatusCode] ?? "";
  return encodeResponseHead(status, reason, fields);
}

function noOctets(): TypeError {
  return new TypeError("Cannot write to the connection: got no Uint8Array");
}

/** RFC 9110 §7.8; a client of HTTP/1.0 can't ask for it. */
function refuseUnasked(
  { upgrade }: RequestHead,
  protocol: string | undefined,
): void {
  if (!protocol) {
    throw new TypeError("Cannot upgrade: name the protocol, such as websocket");
  }
  if (upgrade.includes(protocol.toLowerCase())) return;
  throw new HttpError(426, "This resource needs another protocol", {
    headers: { upgrade: protocol },
  });
}
