/**
 * Calls back at the first signal that asks the process to stop, at the second, and
 * at each that asks it to read its files again. It does not know what that takes.
 *
 * @module
 */

/** A signal that asks the process to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** What a shell reports for a process that such a signal ended: 128 + number. */
export const exitCodeOf: Record<StopSignal, number> = {
  SIGINT: 130,
  SIGTERM: 143,
};

/**
 * Milliseconds in which the same signal once more is an echo: a terminal sends
 * Ctrl-C to every process in front, and npx passes it on besides.
 */
const ECHO_TIME = 500;

/** What to do at a signal. */
export interface SignalActions {
  /** At the first signal of either kind. */
  drain(): void;
  /** At each one after it, but for its echo. */
  end(signal: StopSignal): void;
  /** At each SIGHUP, which would else end the process. */
  reload(): void;
}

/** Listens for signals until it is disposed of. */
export function onSignal({ drain, end, reload }: SignalActions): Disposable {
  let first: { signal: StopSignal; at: number } | undefined;
  // Windows has no SIGTERM, and throws for it.
  const signals: StopSignal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  const listeners = signals.map((signal) => {
    const listener = () => {
      const at = performance.now();
      if (first === undefined) {
        first = { signal, at };
        drain();
      } else if (signal !== first.signal || at - first.at > ECHO_TIME) {
        end(signal);
      }
    };
    return listenTo(signal, listener);
  });
  if (Deno.build.os !== "windows") listeners.push(listenTo("SIGHUP", reload));
  return {
    [Symbol.dispose]() {
      for (const remove of listeners) remove();
    },
  };
}

/** @returns what ends it. */
function listenTo(signal: Deno.Signal, listener: () => void): () => void {
  Deno.addSignalListener(signal, listener);
  return () => Deno.removeSignalListener(signal, listener);
}
