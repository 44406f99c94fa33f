/**
 * Hides what a URL keeps secret, for whoever writes it down: the values of
 * parameters that sign, unlock or prove something.
 *
 * @module
 */

/** The names of these parameters, in lower case. */
const secrets: ReadonlySet<string> = new Set([
  "signature",
  "token",
  "key",
  "password",
]);

/** The same URL or request target, with `***` for each secret of its query. */
export function withoutSecrets(target: string): string {
  const start = target.indexOf("?") + 1;
  if (start === 0) return target;
  return target.slice(0, start) +
    target.slice(start).split("&").map(masked).join("&");
}

function masked(parameter: string): string {
  const end = parameter.indexOf("=");
  if (end < 0) return parameter;
  const name = parameter.slice(0, end);
  return secrets.has(decoded(name).toLowerCase()) ? `${name}=***` : parameter;
}

/** As a handler sees it. */
function decoded(name: string): string {
  if (!name.includes("%")) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
