/**
 * Calls back at the first and the second signal that asks the process to stop, and
 * at each SIGHUP. It does not know how to stop or what to reload.
 *
 * @module
 */

/** A signal that asks the process to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/**
 * The exit code that a shell reports for a process ended by a signal: 128 +
 * number.
 */
export const exitCodeOf: Record<StopSignal, number> = {
  SIGINT: 130,
  SIGTERM: 143,
};

/**
 * Milliseconds within which the same signal again is an echo: a terminal sends
 * Ctrl-C to every foreground process, and npx also forwards it.
 */
const ECHO_TIME = 500;

/** Actions at a signal. */
export interface SignalActions {
  /** Called at the first signal of either kind. */
  drain(): void;
  /** Called at each later signal, except its echo. */
  end(signal: StopSignal): void;
  /** Called at each SIGHUP, which would otherwise end the process. */
  reload(): void;
}

/** Listens for signals until disposed of. */
export function onSignal({ drain, end, reload }: SignalActions): Disposable {
  let first: { signal: StopSignal; at: number } | undefined;
  // Windows has no SIGTERM; listening for it throws.
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
