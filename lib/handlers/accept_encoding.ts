/**
 * Parses an Accept-Encoding field: which content codings a client accepts.
 *
 * `acceptsEncodings` of @std/http is not used: for it an empty field and none
 * at all accept gzip, `gzip;Q=0` accepts it as well, `x-gzip` is unknown, and
 * on equal weights the order decides.
 *
 * @module
 */

// Accept-Encoding = #( codings [ weight ] )           RFC 9110 §12.5.3
// codings         = content-coding / "identity" / "*"
// weight          = OWS ";" OWS "q=" qvalue           RFC 9110 §12.4.2
// qvalue          = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
//
// Strings in ABNF ignore case, so "Q=0" is a weight too (RFC 5234 §2.3).
const weight = /^[\t ]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[\t ]*$/i;

/**
 * The coding of those that exist in which an Accept-Encoding field wants a response
 * rather than as it is (RFC 9110 §12.5.3); undefined if it wants none of them.
 */
export function wantedCoding<Coding extends string>(
  field: string,
  existing: readonly Coding[],
): Coding | undefined {
  return preferredCodings(field, existing)[0];
}

/**
 * The codings of those that exist which an Accept-Encoding field wants rather
 * than none: what it wants most comes first, and on equal weights what is first
 * in `existing`.
 */
export function preferredCodings<Coding extends string>(
  field: string,
  existing: readonly Coding[],
): Coding[] {
  const weights = parseWeights(field);
  const any = weights.get("*") ?? 0;
  const weightOf = (coding: string) => weights.get(coding) ?? any;
  return existing
    .filter((it) => weightOf(it) > 0 && weightOf(it) >= weightOf("identity"))
    .sort((a, b) => weightOf(b) - weightOf(a));
}

function parseWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of field.split(",")) {
    const [coding, ...parameters] = member.split(";");
    const name = coding.trim().toLowerCase();
    if (name === "") continue;
    // RFC 9110 §8.4.1.3: x-gzip is gzip.
    weights.set(name === "x-gzip" ? "gzip" : name, parseWeight(parameters));
  }
  return weights;
}

/** A member with a weight that is none is refused: no coding always works. */
function parseWeight(parameters: string[]): number {
  if (parameters.length === 0) return 1;
  const match = parameters.length === 1 && weight.exec(parameters[0]);
  return match ? Number(match[1]) : 0;
}
