/**
 * Which form of the suite runs: the short one in the gate, the long one, or the
 * soak. `run.ts` says it in the environment.
 *
 * @module
 */

/** The short form is for each change, the others are for once in a while. */
export type Form = "short" | "long" | "soak";

/** The form that runs. */
export const form: Form = readForm();

/** So many in the short form, and so many in the others. */
export function times(short: number, long: number): number {
  return form === "short" ? short : long;
}

function readForm(): Form {
  const name = Deno.env.get("FAULTS_FORM") ?? "short";
  if (name === "short" || name === "long" || name === "soak") return name;
  throw new Error(`Cannot run that form of the faults: got "${name}"`);
}
