// A request as commands that send it again: for a shell and for a script.

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} target
 * @property {number} minorVersion
 * @property {[name: string, line: string][]} fields each name in lower case,
 * and its whole line
 * @property {Uint8Array} content without chunks
 */
/** @typedef {{ host: string, isSecure: boolean }} Server */
/** @typedef {{ from: number, to: number, kind: string, meant?: string }} Part */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const requestLine = /^([!#$%&'*+\-.^_`|~\w]+) ([!-"$-~]+) HTTP\/1\.([01])$/;
const fieldLine = /^[!#$%&'*+\-.^_`|~\w]+:(?: ?\S(?:.*\S)?)?$/;

/**
 * The request that a message is; undefined if it is none that a client would
 * send.
 *
 * @param {Uint8Array} octets
 * @param {readonly Part[]} parts
 * @returns {Request | undefined}
 */
export function parseRequest(octets, parts) {
  const kindOf = (/** @type {Part} */ { kind, meant }) => meant ?? kind;
  const end = parts.find((part) => kindOf(part) === "section-end");
  const head = end && textOf(octets.subarray(0, end.from));
  const [line, ...lines] = head?.split("\r\n").slice(0, -1) ?? [""];
  const [, method, target, minor] = requestLine.exec(line) ?? [];
  if (!method || lines.some((each) => !isFieldLine(each))) return undefined;
  const content = parts
    .filter((part) => /^(?:content|chunk-data)$/.test(kindOf(part)))
    .map(({ from, to }) => octets.subarray(from, to));
  return {
    method,
    target,
    minorVersion: Number(minor),
    fields: lines.map((each) => [each.split(":")[0].toLowerCase(), each]),
    content: join(content),
  };
}

/** @param {string} line */
function isFieldLine(line) {
  // deno-lint-ignore no-control-regex
  return fieldLine.test(line) && !/[\0-\x08\x0a-\x1f\x7f]/.test(line);
}

/** @param {Uint8Array[]} pieces */
function join(pieces) {
  const whole = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * The octets as text; undefined if they are none.
 *
 * @param {Uint8Array} octets
 */
export function textOf(octets) {
  try {
    return decoder.decode(octets);
  } catch {
    return undefined;
  }
}

/**
 * A word that any POSIX shell takes as it is.
 *
 * @param {string} text
 */
export function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A `printf` whose output is exactly these octets.
 *
 * @param {Uint8Array} octets
 */
function printfOf(octets) {
  /** @type {Record<number, string>} */
  const escapes = { 9: "\\t", 10: "\\n", 13: "\\r", 37: "%%", 92: "\\\\" };
  let format = "";
  for (const [at, octet] of octets.entries()) {
    const isPlain = octet > 31 && octet < 127 &&
      // A format that begins with a hyphen would be an option.
      !(at === 0 && octet === 45);
    format += escapes[octet] ??
      (isPlain
        ? String.fromCharCode(octet)
        : `\\${octet.toString(8).padStart(3, "0")}`);
  }
  return `printf ${quoted(format)}`;
}

/**
 * @param {Uint8Array} octets
 * @param {Server} server
 * @returns {string}
 */
export function ncCommand(octets, { host, isSecure }) {
  const { hostname, port } = new URL(`http://${host}`);
  const name = hostname.replace(/^\[|\]$/g, "");
  return isSecure
    ? `${printfOf(octets)} | openssl s_client -quiet -connect ${host}`
    : `${printfOf(octets)} | nc ${name} ${port || "80"}`;
}

/**
 * A curl command, and whether it sends the very same octets.
 *
 * @param {Request} request
 * @param {Server} server
 * @returns {{ command: string, sends: Uint8Array }}
 */
export function curlCommand(request, { host, isSecure }) {
  const { method, target, minorVersion, fields, content } = request;
  const hasContent = content.length > 0;
  const has = (/** @type {string} */ name) =>
    fields.some(([each]) => each === name);
  const words = ["curl", "-i"];
  if (minorVersion === 0) words.push("--http1.0");
  else if (isSecure) words.push("--http1.1");
  if (isSecure) words.push("--insecure");
  if (method === "HEAD") words.push("--head");
  else if (method !== (hasContent ? "POST" : "GET")) {
    words.push("-X", quoted(method));
  }
  for (const [, line] of fields) {
    words.push(
      "-H",
      quoted(line.endsWith(":") ? `${line.slice(0, -1)};` : line),
    );
  }
  // What curl would add by itself.
  const added = ["Host", "User-Agent", "Accept"];
  if (hasContent) added.push("Content-Type", "Content-Length");
  for (const name of added) {
    if (!has(name.toLowerCase())) words.push("-H", quoted(`${name}:`));
  }
  const { before, data } = dataOf(content);
  words.push(...data);
  const isPlain = /^\/[\w\-.~!$&'()*+,;=:@%/?]*$/.test(target);
  if (!isPlain) words.push("--request-target", quoted(target));
  else if (/\/\.{1,2}(?:[/?]|$)/.test(target)) words.push("--path-as-is");
  const origin = `${isSecure ? "https" : "http"}://${host}`;
  words.push(quoted(`${origin}${isPlain ? target : "/"}`));
  return { command: before + words.join(" "), sends: sentByCurl(request) };
}

/** @param {Uint8Array} content */
function dataOf(content) {
  if (content.length === 0) return { before: "", data: [] };
  const text = textOf(content);
  // deno-lint-ignore no-control-regex
  return text === undefined || /[\0-\x09\x0b-\x1f\x7f]/.test(text)
    ? {
      before: `${printfOf(content)} | `,
      data: ["--data-binary", "@-"],
    }
    : { before: "", data: ["--data-raw", quoted(text)] };
}

/**
 * What curl sends: Host first and in its own spelling, and one chunk.
 *
 * @param {Request} request
 */
function sentByCurl({ method, target, minorVersion, fields, content }) {
  const lines = fields.filter(([name]) => name !== "host").map(([, line]) =>
    line
  );
  const host = fields.findLast(([name]) => name === "host");
  if (host) lines.unshift(`Host${host[1].slice(4)}`);
  const head = [`${method} ${target} HTTP/1.${minorVersion}`, ...lines, "", ""];
  const encoder = new TextEncoder();
  const isChunked = content.length > 0 &&
    lines.some((line) => /^transfer-encoding: *chunked$/i.test(line));
  return join([
    encoder.encode(head.join("\r\n")),
    ...isChunked
      ? [
        encoder.encode(`${content.length.toString(16)}\r\n`),
        content,
        encoder.encode("\r\n0\r\n\r\n"),
      ]
      : [content],
  ]);
}

/** Fields that a page's script may not set (Fetch Standard). */
const forbidden =
  /^(?:accept-(?:charset|encoding)|access-control-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/;

/**
 * A call of `fetch`, with the fields that it chooses itself; undefined if it
 * refuses such a request.
 *
 * @param {Request} request
 * @param {Server} server
 * @returns {{ command: string, left: string[] } | undefined}
 */
export function fetchCommand(
  { method, target, fields, content },
  { host, isSecure },
) {
  const hasContent = content.length > 0;
  const isRefused = /^(?:connect|trace|track)$/i.test(method) ||
    hasContent && /^(?:get|head)$/i.test(method) || !target.startsWith("/");
  if (isRefused) return undefined;
  const url = `${isSecure ? "https" : "http"}://${host}${target}`;
  const left = fields.filter(([name]) => forbidden.test(name));
  const set = fields.filter(([name]) => !forbidden.test(name)).map(
    ([, line]) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    },
  );
  /** @type {string[]} */
  const options = [];
  if (method !== "GET") options.push(`method: ${literal(method)}`);
  if (set.length > 0) {
    const pairs = set.map(([name, value]) =>
      `    [${literal(name)}, ${literal(byteString(value))}],\n`
    );
    options.push(`headers: [\n${pairs.join("")}  ]`);
  }
  if (hasContent) {
    const text = textOf(content);
    options.push(
      text === undefined
        ? `body: new Uint8Array([${content.join(", ")}])`
        : `body: ${literal(text)}`,
    );
  }
  const second = options.length > 0
    ? `, {\n${options.map((option) => `  ${option},\n`).join("")}}`
    : "";
  return {
    command: `const response = await fetch(${literal(url)}${second});\n` +
      "console.log(response.status, await response.text());",
    left: left.map(([, line]) => line.split(":")[0]),
  };
}

/**
 * The text with a character for each octet: so `fetch` takes field values.
 *
 * @param {string} text
 */
function byteString(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

/** @param {string} text */
function literal(text) {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
