// Written by `deno task sources`: lines of the code and of its tests.

export const pieces = {
 "lib/wire/request_head.ts:234": "/**\n *     request-line = method SP request-target SP HTTP-version\n *     method       = token\n *\n * Stricter: exactly one SP separates the parts, where RFC 9112 §3 allows a\n * recipient any whitespace; two readers could find two targets in one line.\n *\n * @param end Where the line ends.\n */\nexport function parseRequestLine(\n  octets: Uint8Array,\n  start = 0,\n  end: number = octets.length,\n): RequestLine {\n  let at = start;\n  while (TCHAR[octets[at]] === 1) at++;\n  const methodEnd = at;\n  if (methodEnd === start || octets[at] !== SP) throw badRequestLine(\"method\");\n  const targetStart = ++at;\n  while (TARGET_OCTET[octets[at]] === 1) at++;\n  if (at === targetStart || octets[at] !== SP) throw badRequestLine(\"target\");\n  const minorVersion = parseVersion(octets, at + 1, end);\n  const text = decodeLatin1(octets, start, at);\n  const method = text.slice(0, methodEnd - start);\n…",
 "tests/rfc9112/03_request_line_test.ts:27": "line(\"3.1: methods are case-sensitive\", \"get / HTTP/1.1\", 501),",
 "tests/rfc9112/03_request_line_test.ts:16": "line(\"3: two spaces after the method\", \"GET  / HTTP/1.1\", 400),",
 "lib/wire/request_head.ts:296": "/**\n *     request-target = origin-form / absolute-form / authority-form /\n *                      asterisk-form                         RFC 9112 §3.2\n *\n * Finds the form of a target that consists of target octets.\n */\nfunction parseRequestTarget(\n  method: string,\n  target: string,\n): RequestTarget {\n  if (method === \"CONNECT\") {\n    // RFC 9112 §3.2.3: authority-form = uri-host \":\" port\n    if (!isAuthority(target) || !/:\\d+$/.test(target)) throw badTarget();\n    return { form: \"authority\", authority: target };\n  }\n  if (target.charCodeAt(0) === SLASH) {\n    refuseBackslash(target);\n    return { form: \"origin\", path: target };\n  }\n  if (target === \"*\") {\n    // RFC 9112 §3.2.4: only for a server-wide OPTIONS\n    if (method !== \"OPTIONS\") throw badTarget();\n    return { form: \"asterisk\" };\n  }\n…",
 "tests/rfc9112/03_request_line_test.ts:43": "line(\n  \"3.2.1: a path that looks like an authority\",\n  \"GET //evil/a HTTP/1.1\",\n  \"200 GET http://h//evil/a []\",\n),",
 "lib/wire/request_head.ts:265": "/**\n *     HTTP-version = HTTP-name \"/\" DIGIT \".\" DIGIT\n *     HTTP-name    = %s\"HTTP\"\n */\nfunction parseVersion(octets: Uint8Array, start: number, end: number): number {\n  let at = 0;\n  while (at < HTTP_NAME.length && octets[start + at] === HTTP_NAME[at]) at++;\n  const [major, dot, minor] = [start + 5, start + 6, start + 7];\n  const isVersion = at === HTTP_NAME.length && end === start + 8 &&\n    DIGIT[octets[major]] === 1 && octets[dot] === DOT &&\n    DIGIT[octets[minor]] === 1;\n  if (!isVersion) throw badRequestLine(\"version\");\n  if (octets[major] !== ZERO + 1) {\n    throw new ProtocolError(505, \"This server speaks HTTP/1.1 and HTTP/1.0\");\n  }\n  return octets[minor] - ZERO;\n}",
 "tests/rfc9112/02_message_test.ts:81": "{\n  name: \"RFC 9112 §2.3: a higher minor version is served as 1.1\",\n  send: \"GET / HTTP/1.7\\r\\nHost: h\\r\\n\\r\\n\" + NEXT,\n  answers: [\"200 GET http://h/ []\", NEXT_ANSWER],\n},",
 "lib/wire/response_head.ts:26": "/**\n * Encodes a status line. The version is always HTTP/1.1, even for a client of\n * HTTP/1.0 (RFC 9110 §2.5, §6.2).\n */\nexport function encodeStatusLine(status: number, reason: string): string {\n  if (!Number.isInteger(status) || status < 100 || status > 999) {\n    throw new TypeError(`Cannot send status: got ${status}`);\n  }\n  if (!FIELD_VALUE.test(reason)) {\n    throw new TypeError(\n      \"Cannot send reason phrase: it contains a control character\",\n    );\n  }\n  return `HTTP/1.1 ${status} ${reason}\\r\\n`;\n}",
 "tests/rfc9112/04_status_line_test.ts:21": "Deno.test(\"RFC 9112 §4: a space stands before a reason phrase that is empty\", async () => {\n  const octets = await octetsOf(() => new Response(null, { status: 299 }));\n  assertMatch(octets, /^HTTP\\/1\\.1 299 \\r\\n/);\n});",
 "tests/rfc9110/06_response_test.ts:199": "Deno.test(\"RFC 9112 §4: the reason phrase is the usual one, or the handler's\", async () => {\n  const reasonOf = async (init: ResponseInit) =>\n    (await sent(() => new Response(null, init))).reason;\n  assertEquals(await reasonOf({ status: 418 }), \"I'm a teapot\");\n  assertEquals(await reasonOf({ status: 299 }), \"\");\n  assertEquals(await reasonOf({ status: 200, statusText: \"Fine\" }), \"Fine\");\n});",
 "lib/wire/byte_reader.ts:364": "/**\n * Whether a line ends at `at`, where its field octets end; false while that is\n * unknown. An octet that no line can hold is refused at once: a client that\n * never sends CRLF (a TLS handshake, say) must not wait for its timeout, and\n * the answer must not depend on how much arrived at once.\n *\n * A bare LF is refused too. RFC 9112 §2.2 lets a recipient accept it as a line\n * end, but two readers that disagree about it see different messages.\n */\nexport function endsLine(\n  octets: Uint8Array,\n  at: number,\n  end: number,\n): boolean {\n  if (at === end) return false;\n  if (octets[at] === CR) {\n    if (at + 1 === end) return false;\n    if (octets[at + 1] === LF) return true;\n  }\n  throw new ProtocolError(\n    400,\n    octets[at] === LF\n      ? \"A line must end with CRLF, not LF alone (RFC 9112 §2.2)\"\n      : \"A control character is not allowed here (RFC 9112 §2.2)\",\n  );\n}",
 "tests/rfc9112/02_message_test.ts:36": "{\n  name: \"RFC 9112 §2.2: a bare LF ends no request line\",\n  send: \"GET / HTTP/1.1\\nHost: h\\r\\n\\r\\n\",\n  answers: [400],\n},",
 "lib/wire/byte_reader.ts:136": "#awaitMessage(skipped: number): Promise<boolean> | true {\n  while (this.#startsWithLineEnd() && skipped < 8) {\n    this.#start += 2;\n    skipped++;\n  }\n  if (this.buffered > (this.#octets[this.#start] === CR ? 1 : 0)) {\n    this.#interruption = undefined;\n    return true;\n  }\n  return this.#fill().then((hasMore) =>\n    hasMore ? this.#awaitMessage(skipped) : this.buffered > 0\n  );\n}",
 "tests/rfc9112/02_message_test.ts:21": "{\n  name: \"RFC 9112 §2.2: empty lines before a request line are ignored\",\n  send: \"\\r\\n\\r\\n\" + NEXT + \"\\r\\n\" + NEXT,\n  answers: [NEXT_ANSWER, NEXT_ANSWER],\n},",
 "lib/wire/grammar.ts:26": "/**\n *     token = 1*tchar                                        RFC 9110 §5.6.2\n *     tchar = \"!\" / \"#\" / \"$\" / \"%\" / \"&\" / \"'\" / \"*\" / \"+\" / \"-\" / \".\" /\n *             \"^\" / \"_\" / \"`\" / \"|\" / \"~\" / DIGIT / ALPHA\n */\nconst tchar = \"!#$%&'*+\\\\-.^_`|~0-9A-Za-z\";",
 "tests/rfc9112/05_fields_test.ts:29": "fields(\"5: every tchar in a name\", \"!#$%&'*+-.^_`|~09azAZ: v\\r\\n\", 200),",
 "lib/wire/field_section.ts:205": "/** The error for a line whose name ends, or is missing, at `at`. */\nfunction badFieldName(octets: Uint8Array, start: number, at: number) {\n  if (at === start && isWhitespace(octets[at])) {\n    return new ProtocolError(\n      400,\n      \"A field line must not begin with whitespace (RFC 9112 §5.2)\",\n    );\n  }\n  if (isWhitespace(octets[at])) {\n    return new ProtocolError(\n      400,\n      \"No whitespace is allowed before the colon of a field (RFC 9112 §5.1)\",\n    );\n  }\n  return new ProtocolError(\n    400,\n    \"A field line must be a name, a colon and a value (RFC 9112 §5)\",\n  );\n}",
 "tests/rfc9112/05_fields_test.ts:38": "fields(\"5.1: a space before the colon\", \"A : v\\r\\n\", 400),",
 "lib/wire/field_section.ts:137": "/** Checks the line that ends here. */\n#endLine(octets: Uint8Array, start: number): void {\n  const { fieldCount } = this.#limits;\n  const lineStart = start + this.#lineStart;\n  const nameEnd = start + this.#nameEnd;\n  if (nameEnd === lineStart || octets[nameEnd] !== COLON) {\n    throw badFieldName(octets, lineStart, nameEnd);\n  }\n  if (this.#bounds.length === 4 * fieldCount) {\n    throw new ProtocolError(431, `There are more than ${fieldCount} fields`);\n  }\n  let from = nameEnd + 1;\n  let to = start + this.taken;\n  while (from < to && isWhitespace(octets[from])) from++;\n  while (to > from && isWhitespace(octets[to - 1])) to--;\n  this.#bounds.push(this.#lineStart, this.#nameEnd, from - start, to - start);\n  this.taken += 2;\n  this.#lineStart = this.taken;\n  this.#nameEnd = -1;\n}",
 "tests/rfc9112/05_fields_test.ts:17": "{\n  name: \"RFC 9112 §5: whitespace around a value is no part of it\",\n  handler: showFields,\n  send: \"GET / HTTP/1.1\\r\\nhOsT:h\\r\\nA: \\t b c \\t\\r\\nB:\\r\\nC:  \\r\\n\\r\\n\",\n  answers: [\"200 a=b c|b=|c=|host=h\"],\n},",
 "lib/wire/grammar.ts:35": "/**\n *     field-value   = *field-content                         RFC 9110 §5.5\n *     field-vchar   = VCHAR / obs-text\n *\n * with SP and HTAB between them. Control characters are refused: CR, LF and NUL\n * because the RFC demands it, the others because no one needs them.\n */\nexport const FIELD_OCTET: Uint8Array = octetsOf(\n  /[\\t \\x21-\\x7e\\x80-\\xff]/,\n);",
 "tests/rfc9112/05_fields_test.ts:95": "Deno.test(\"RFC 9112 §5: field values reach the handler octet for octet\", async () => {\n  let value: string | null = null;\n  await converse([\"GET / HTTP/1.1\\r\\nHost: h\\r\\nA: \\x80\\x9f\\xff\\r\\n\\r\\n\"], {\n    handler(request) {\n      value = request.headers.get(\"a\");\n      return new Response();\n    },\n  });\n  assertEquals(value, \"\\x80\\x9f\\xff\");\n});",
 "lib/wire/field_section.ts:158": "#finish(octets: Uint8Array, start: number): FieldSection {\n  const text = decodeLatin1(octets, start, start + this.taken);\n  const bounds = this.#bounds;\n  const lines: FieldLine[] = [];\n  for (let at = 0; at < bounds.length; at += 4) {\n    lines.push([\n      text.slice(bounds[at], bounds[at + 1]),\n      text.slice(bounds[at + 2], bounds[at + 3]),\n    ]);\n  }\n  this.taken += 2;\n  return new FieldSection(lines);\n}",
 "tests/rfc9112/02_message_test.ts:16": "{\n  name: \"RFC 9112 §2.1: fields after the empty line are no fields\",\n  send: \"GET / HTTP/1.1\\r\\n\\r\\nHost: h\\r\\n\\r\\n\",\n  answers: [400],\n},",
 "lib/wire/request_content.ts:62": "async read(most: number): Promise<Uint8Array | undefined> {\n  if (this.remaining === 0) return undefined;\n  const octets = await this.#reader.readSome(Math.min(most, this.remaining));\n  if (!octets) {\n    throw new ProtocolError(\n      400,\n      \"The content is shorter than its Content-Length (RFC 9112 §8)\",\n    );\n  }\n  this.#count(octets);\n  return octets;\n}",
 "tests/rfc9112/06_body_test.ts:101": "// §6.2, Content-Length\npost(\n  \"6.2: octets beyond it begin the next request\",\n  \"Content-Length: 3\\r\\n\",\n  \"abc\",\n  \"200 POST http://h/a [abc]\",\n  NEXT_ANSWER,\n),",
 "lib/wire/chunked_coding.ts:38": "/** Parses the line before a chunk's data, and returns the chunk's size. */\nexport function parseChunkLine(octets: Uint8Array): number {\n  const match = chunkLine.exec(decodeLatin1(octets));\n  if (!match) {\n    throw new ProtocolError(400, \"A chunk size is invalid (RFC 9112 §7.1)\");\n  }\n  const size = parseInt(match[1], 16);\n  if (!Number.isSafeInteger(size)) {\n    throw new ProtocolError(413, \"The request content is too large\");\n  }\n  return size;\n}",
 "tests/rfc9112/07_chunked_test.ts:25": "chunks(\n  \"7.1: hex digits in both cases\",\n  \"a\\r\\n0123456789\\r\\nB\\r\\nabcdefghijk\\r\\n0\\r\\n\\r\\n\",\n  \"200 POST http://h/a [0123456789abcdefghijk]\",\n  NEXT_ANSWER,\n),",
 "lib/wire/chunked_coding.ts:21": "/**\n *     chunk-size = 1*HEXDIG\n *     chunk-ext  = *( BWS \";\" BWS chunk-ext-name\n *                     [ BWS \"=\" BWS chunk-ext-val ] )        RFC 9112 §7.1.1\n *\n * Extensions are checked, because two readers disagree where their grammar is\n * loose. They are then ignored, because none are in use.\n */\nconst chunkLine = (() => {\n  const token = \"[!#$%&'*+\\\\-.^_`|~0-9A-Za-z]+\";\n  const quotedString =\n    '\"(?:[\\\\t !#-\\\\[\\\\]-~\\\\x80-\\\\xff]|\\\\\\\\[\\\\t -~\\\\x80-\\\\xff])*\"';\n  const value = `[\\\\t ]*=[\\\\t ]*(?:${token}|${quotedString})`;\n  const extension = `[\\\\t ]*;[\\\\t ]*${token}(?:${value})?`;\n  return new RegExp(`^([0-9A-Fa-f]+)(?:${extension})*$`);\n})();",
 "tests/rfc9112/07_chunked_test.ts:140": "Deno.test(\"RFC 9112 §7.1.1: a flood of extensions is refused, though each is short\", async () => {\n  const chunk = `1;a=${\"b\".repeat(250)}\\r\\nc\\r\\n`;\n  const send = \"POST /a HTTP/1.1\\r\\nHost: h\\r\\n\" +\n    \"Transfer-Encoding: chunked\\r\\n\\r\\n\" +\n    `${chunk.repeat(1000)}0\\r\\n\\r\\n${NEXT}`;\n  const [{ status }, ...others] = await converse([send]);\n  assertEquals([status, others], [400, []]);\n});",
 "lib/wire/chunked_coding.ts:152": "#startChunk(line: Uint8Array): void {\n  const size = parseChunkLine(line);\n  this.#leftInChunk = size;\n  this.#isAtLastChunk = size === 0;\n  this.#announced += size;\n  this.#refuseFlood(line.length);\n  if (this.#announced > this.#limits.content) {\n    throw new ProtocolError(\n      413,\n      `The content is larger than ${this.#limits.content} octets (limits.content)`,\n    );\n  }\n}",
 "tests/rfc9112/07_chunked_test.ts:31": "chunks(\n  \"7.1: CRLF and 0 within the data\",\n  \"a\\r\\n\\r\\n0\\r\\n\\r\\n012\\r\\n0\\r\\n\\r\\n\",\n  \"200 POST http://h/a [\\r\\n0\\r\\n\\r\\n012]\",\n  NEXT_ANSWER,\n),",
 "lib/wire/chunked_coding.ts:231": "/** Encodes the last chunk and the trailer section. */\nexport function encodeLastChunk(\n  trailers: Iterable<FieldLine> = [],\n): Uint8Array {\n  return encodeLatin1(\"0\\r\\n\" + encodeFieldSection(trailers));\n}",
 "tests/rfc9112/07_chunked_test.ts:22": "fine(\"7.1: one chunk\", \"5\\r\\nabcde\\r\\n0\\r\\n\\r\\n\"),",
 "lib/server/answer_head.ts:170": "/** The field lines that may follow the content. */\nexport function trailerLines(\n  trailers: Headers | undefined,\n  request?: RequestName,\n): FieldLine[] {\n  return [...trailers ?? []].filter(([name]) => {\n    const isForbidden = neverTrailers.has(name);\n    if (isForbidden) {\n      const message = `Cannot send ${name} as a trailer: left out`;\n      report(new TypeError(message), request);\n    }\n    return !isForbidden;\n  });\n}",
 "tests/rfc9110/06_response_test.ts:172": "Deno.test(\"RFC 9110 §6.5.1: trailers never become fields of the request\", async () => {\n  let names: string[] = [];\n  const [{ status }] = await converse([\n    \"POST / HTTP/1.1\\r\\nHost: h\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n\" +\n    \"0\\r\\nAuthorization: x\\r\\nContent-Type: y\\r\\n\\r\\n\",\n  ], {\n    handler: async (request) => {\n      await request.text();\n      names = [...request.headers.keys()];\n      return new Response();\n    },\n  });\n  assertEquals([status, names], [200, [\"host\", \"transfer-encoding\"]]);\n});",
 "lib/xray/message_parts.ts:83": "/** Takes the rest as one part if there are too many; @returns whether it did. */\ntakeExcess(): boolean {\n  if (this.taken.length <= MOST_PARTS) return false;\n  this.take(this.rest, \"more\");\n  return true;\n}",
 "tests/xray/dissection_test.ts:159": "Deno.test(\"very many parts are not told apart\", () => {\n  for (\n    const rest of [\n      \"Transfer-Encoding: chunked\\r\\n\\r\\n\" + \"1\\r\\na\\r\\n\".repeat(10_000),\n      \"a: b\\r\\n\".repeat(10_000) + \"\\r\\n\",\n    ]\n  ) {\n    const text = `POST / HTTP/1.1\\r\\nHost: h\\r\\n${rest}`;\n    const parts = dissect(encodeLatin1(text), \"request\");\n    assertWhole(parts, text.length);\n    assertEquals(parts.at(-1)?.kind, \"more\");\n    assert(parts.length < 4100);\n  }\n});",
 "lib/server/connection.ts:445": "mayGoOn({ method, content }: CurrentExchange): boolean {\n  const { limits } = this.context;\n  return !this.context.isDraining && method !== \"CONNECT\" &&\n    this.#requests < limits.requests &&\n    (content?.mayBeDiscarded(limits.discarded) ?? true);\n}",
 "tests/rfc9112/06_body_test.ts:166": "// §6.3, content that nobody wants\n{\n  name: \"RFC 9112 §6.3: content of a GET is skipped, never run\",\n  send:\n    `GET /a HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: ${NEXT.length}\\r\\n\\r\\n` +\n    NEXT + NEXT,\n  answers: [\"200 GET http://h/a []\", NEXT_ANSWER],\n},",
 "lib/server/upgrade.ts:148": "/** The head of a response that leaves HTTP, for a protocol or as a tunnel. */\nexport function encodeSwitch(\n  { status, headers }: Response,\n  protocol: string | undefined,\n): string {\n  const fields = [...headers].filter(([name]) =>\n    !ownFields.has(name) && name !== \"upgrade\" && name !== \"date\"\n  );\n  fields.unshift([\"date\", currentDate()]);\n  if (protocol) {\n    fields.push([\"connection\", \"upgrade\"], [\"upgrade\", protocol]);\n  }\n  const reason = STATUS_TEXT[status as StatusCode] ?? \"\";\n  return encodeResponseHead(status, reason, fields);\n}",
 "tests/rfc9110/07_routing_test.ts:49": "harmless(\n  \"7.8: an upgrade without the option\",\n  \"Upgrade: websocket\\r\\n\",\n),",
 "lib/errors.ts:56": "/**\n * The received octets are not HTTP/1.1, too slow or too many: the client gets\n * the status, then the connection is closed (RFC 9112 §2.2).\n *\n * @example\n * ```ts\n * import { HttpError, ProtocolError } from \"@sluice/http\";\n * import { assert } from \"@std/assert\";\n *\n * const error = new ProtocolError(400, \"A Host field is missing\");\n * assert(error instanceof HttpError);\n * ```\n */\nexport class ProtocolError extends HttpError {\n  /** The name of the class. */\n  override name = \"ProtocolError\";\n}",
 "tests/rfc9112/02_message_test.ts:108": "Deno.test(\"RFC 9112 §2.2: how a message is refused does not depend on how it arrives\", async () => {\n  const limits = { requestLine: 20, fieldSection: 40, fieldCount: 1 };\n  const long = \"a\".repeat(50);\n  const cases = [\n    `GET /${long}\\x01 HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n`,\n    `GET /\\x01${long} HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n`,\n    `GET /${long} HTTP/1.1\\nHost: h\\r\\n\\r\\n`,\n    `GET / HTTP/1.1\\r\\nHost: h\\r\\nA: ${long}\\n\\r\\n`,\n    `GET / HTTP/1.1\\r\\nHost: h\\r\\nA: \\x01${long}\\r\\n\\r\\n`,\n    \"GET / HTTP/1.1\\r\\nHost: h\\r\\nA: b\\r\\nC: \\x01\\r\\n\\r\\n\",\n    \"GET / HTTP/1.1\\r\\nHost: h\\r\\nA: b\\r\\nC: d\\n\\r\\n\",\n  ];\n  for (const send of cases) {\n    const statuses = new Set<number>();\n    const arrivals = [[send], [...send]];\n    for (let at = 1; at < send.length; at++) {\n      arrivals.push([send.slice(0, at), send.slice(at)]);\n    }\n    for (const each of arrivals) {\n      const answers = await converse(each, { limits });\n      answers.forEach(({ status }) => statuses.add(status));\n    }\n    assertEquals(statuses.size, 1, `${[...statuses]}: ${JSON.stringify(send)}`);\n  }\n…",
 "lib/handlers/accept_encoding.ts:47": "function parseWeights(field: string): Map<string, number> {\n  const weights = new Map<string, number>();\n  for (const member of field.split(\",\")) {\n    const [coding, ...parameters] = member.split(\";\");\n    const name = coding.trim().toLowerCase();\n    if (name === \"\") continue;\n    // RFC 9110 §8.4.1.3: x-gzip is gzip.\n    weights.set(name === \"x-gzip\" ? \"gzip\" : name, parseWeight(parameters));\n  }\n  return weights;\n}",
 "tests/handlers/accept_encoding_test.ts:35": "[\"gzip;q=0, identity;q=0\", false],",
 "lib/router/router.ts:317": "/** The value of `Allow`; it contains OPTIONS, which every path answers. */\nfunction allowed(routes: { methods?: string[] }[]): string {\n  const methods = routes.flatMap(({ methods }) => methods ?? requestMethods);\n  return [...new Set([...methods, \"OPTIONS\"])].join(\", \");\n}",
 "tests/rfc9110/09_methods_test.ts:109": "Deno.test(\"RFC 9110 §9.3.7, §10.2.1: OPTIONS and 405 tell what is allowed\", async () => {\n  const send = [\"OPTIONS /next\", \"OPTIONS *\", \"DELETE /next\"]\n    .map((line) => `${line} HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n`).join(\"\");\n  const answers = await answersTo([], send);\n  assertEquals(\n    answers.map(({ status, fields }) => [status, fields.allow]),\n    [204, 204, 405].map((status) => [status, \"GET, HEAD, PUT, OPTIONS\"]),\n  );\n});",
 "lib/server/answer.ts:271": "/** Which of the lines above is right. */\nfunction connectionOption(\n  { upgrades }: AnswerHead,\n  persist: boolean,\n  minorVersion: number,\n): number {\n  const option = !persist ? 2 : minorVersion === 0 ? 1 : 0;\n  return upgrades ? option + 3 : option;\n}",
 "tests/rfc9112/09_connection_test.ts:80": "Deno.test(\"RFC 9112 §9.3: the Connection field says what will be\", async () => {\n  const get = (version: string, field: string) =>\n    `GET / HTTP/${version}\\r\\nHost: h\\r\\n${field}\\r\\n`;\n  assertEquals(await connectionFields(NEXT), [null]);\n  assertEquals(await connectionFields(get(\"1.0\", \"\")), [\"close\"]);\n  assertEquals(\n    await connectionFields(get(\"1.0\", \"Connection: keep-alive\\r\\n\")),\n    [\"keep-alive\"],\n  );\n  assertEquals(\n    await connectionFields(get(\"1.1\", \"Connection: close\\r\\n\")),\n    [\"close\"],\n  );\n  assertEquals(await connectionFields(get(\"1.1\", \"A : b\\r\\n\")), [\"close\"]);\n  assertEquals(\n    await connectionFields(NEXT + NEXT, { limits: { requests: 2 } }),\n    [null, \"close\"],\n  );\n  let isShuttingDown = false;\n  const handler = () => {\n    isShuttingDown = true;\n    return new Response();\n  };\n  assertEquals(\n…",
 "lib/handlers/compression.ts:327": "function codedHeaders(uncoded: Headers, coding: Coding): Headers {\n  const headers = new Headers(uncoded);\n  headers.set(\"content-encoding\", coding);\n  headers.delete(\"content-length\");\n  headers.delete(\"accept-ranges\");\n  headers.delete(\"content-digest\"); // RFC 9530 §2\n  headers.delete(\"repr-digest\"); // RFC 9530 §3\n  const entityTag = headers.get(\"etag\");\n  if (entityTag?.startsWith('\"')) headers.set(\"etag\", `W/${entityTag}`);\n  return headers;\n}",
 "tests/handlers/compression_test.ts:275": "Deno.test(\"fields that are no longer true go or become weak\", async () => {\n  for (const [before, after] of [['\"a\"', 'W/\"a\"'], ['W/\"a\"', 'W/\"a\"']]) {\n    const headers = new Headers({\n      ...text,\n      \"accept-ranges\": \"bytes\",\n      \"content-digest\": \"sha-256=:AA==:\",\n      \"content-length\": \"3\",\n      \"repr-digest\": \"sha-256=:AA==:\",\n      etag: before,\n    });\n    headers.append(\"set-cookie\", \"a=1\");\n    headers.append(\"set-cookie\", \"b=2\");\n    const handler = compress(() => new Response(\"abc\", { headers }));\n    const response = await handler(request(), localInfo);\n    const { length } = await response.bytes();\n    assertEquals([...response.headers], [\n      [\"content-encoding\", \"gzip\"],\n      [\"content-length\", `${length}`],\n      [\"content-type\", \"text/plain\"],\n      [\"etag\", after],\n      [\"set-cookie\", \"a=1\"],\n      [\"set-cookie\", \"b=2\"],\n      [\"vary\", \"Accept-Encoding\"],\n    ]);\n…",
 "lib/wire/message_framing.ts:229": "/**\n *     Content-Length = 1*DIGIT                               RFC 9110 §8.6\n *\n * Stricter: equal values in a list (`5, 5`) are refused.\n */\nfunction lengthFraming(value: string): Framing {\n  if (!/^\\d+$/.test(value)) {\n    throw new ProtocolError(\n      400,\n      \"Content-Length must be digits only (RFC 9110 §8.6)\",\n    );\n  }\n  const length = Number(value);\n  if (!Number.isSafeInteger(length)) {\n    throw new ProtocolError(413, \"The request content is too large\");\n  }\n  return length === 0 ? NO_CONTENT : { kind: \"length\", length };\n}",
 "tests/rfc9112/06_body_test.ts:146": "post(\n  \"6.3: two Content-Length fields\",\n  \"Content-Length: 5\\r\\nContent-Length: 10\\r\\n\",\n  \"abcdefghij\",\n  400,\n),",
 "lib/handlers/byte_ranges.ts:86": "/** The value of Content-Range for a part, or for none (RFC 9110 §14.4). */\nexport function contentRange(\n  range: ByteRange | undefined,\n  length: number,\n): string {\n  return range\n    ? `bytes ${range.first}-${range.last}/${length}`\n    : `bytes */${length}`;\n}",
 "tests/handlers/byte_ranges_test.ts:82": "Deno.test(\"RFC 9110 §14.4: Content-Range\", () => {\n  assertEquals(contentRange({ first: 0, last: 9 }, 10), \"bytes 0-9/10\");\n  assertEquals(contentRange(undefined, 10), \"bytes */10\");\n});",
 "lib/page/document.ts:73": "/**\n * Allows only resources from this server, and only the page's own script: an\n * uploaded file has the same origin, but no nonce.\n */\nfunction securityPolicy(\n  nonce: string,\n  { base, hasWorkers }: Pick<Page, \"base\" | \"hasWorkers\">,\n): string {\n  return [\n    \"default-src 'none'\",\n    `script-src 'nonce-${nonce}'`,\n    \"style-src 'self'\",\n    // The code of a link has no URL.\n    \"img-src 'self' data:\",\n    \"media-src 'self'\",\n    \"connect-src 'self'\",\n    // A policy has no nonces for these; only the page's own script starts one.\n    ...hasWorkers ? [\"worker-src 'self'\"] : [],\n    \"form-action 'self'\",\n    `base-uri ${base ? \"'self'\" : \"'none'\"}`,\n    \"frame-ancestors 'none'\",\n  ].join(\"; \");\n}",
 "tests/page/document_test.ts:7": "Deno.test(\"a page runs its own script alone, and stands in no frame\", async () => {\n  const response = respondWithPage({\n    title: \"A page\",\n    content: markup`<p>Text</p>`,\n    script: \"files.js\",\n  }, { prefix: \"\", links: [] });\n  const policy = response.headers.get(\"content-security-policy\")!;\n  const directives = Object.fromEntries(\n    policy.split(\"; \").map((each) => each.split(/ (.*)/, 2)),\n  );\n  const { \"script-src\": script, ...others } = directives;\n  assertMatch(script, /^'nonce-[-0-9a-f]{36}'$/);\n  const [, nonce] = /'nonce-(.*)'/.exec(script)!;\n  assertMatch(await response.text(), new RegExp(` nonce=\"${nonce}\"`));\n  assertEquals(others, {\n    \"default-src\": \"'none'\",\n    \"style-src\": \"'self'\",\n    \"img-src\": \"'self' data:\",\n    \"media-src\": \"'self'\",\n    \"connect-src\": \"'self'\",\n    \"form-action\": \"'self'\",\n    \"base-uri\": \"'none'\",\n    \"frame-ancestors\": \"'none'\",\n  });\n…",
 "lib/wire/field_section.ts:82": "/**\n * RFC 6265 §5.4 sends one line of cookies, separated by semicolons; several\n * lines mean the same (RFC 9113 §8.2.3).\n */\nfunction withOneCookie(lines: readonly FieldLine[]): readonly FieldLine[] {\n  const cookies = lines.filter((line) => isNamed(line, \"cookie\"));\n  if (cookies.length < 2) return lines;\n  const value = cookies.map(([, value]) => value).join(\"; \");\n  const others = lines.filter((line) => !cookies.includes(line));\n  return [...others, [cookies[0][0], value]];\n}",
 "tests/server/as_deno_serve_test.ts:59": "sameWithBoth(\n  \"two Cookie lines are one, with a semicolon\",\n  [...GET, \"Cookie: a=1\", \"cookie: b=2\", \"X-A: 1\", \"X-A: 2\"],\n  ({ headers }) => say([headers.get(\"cookie\"), headers.get(\"x-a\")]),\n);",
 "lib/server/clock.ts:57": "/** Now as an IMF-fixdate (RFC 9110 §5.6.7), made anew once a second. */\nexport function currentDate(): string {\n  const now = Math.floor(Date.now() / 1000);\n  if (now !== second) {\n    second = now;\n    dateText = new Date(now * 1000).toUTCString();\n  }\n  return dateText;\n}",
 "tests/rfc9110/06_response_test.ts:131": "Deno.test(\"RFC 9110 §6.6.1: Date is now, unless the handler says otherwise\", async () => {\n  const from = Math.floor(Date.now() / 1000) * 1000;\n  const [{ fields: { date } }] = await converse([NEXT]);\n  assertMatch(date, /^\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT$/);\n  const until = Date.now();\n  assertEquals(Date.parse(date) >= from && Date.parse(date) <= until, true);\n\n  const then = \"Tue, 15 Nov 1994 08:12:31 GMT\";\n  const [answer] = await converse([NEXT], {\n    handler: () => new Response(null, { headers: { date: then } }),\n  });\n  assertEquals(answer.fields.date, then);\n});",
 "lib/files/validators.ts:15": "/**\n * The validators of a file. The tag is strong: each received file gets a unique\n * time (`atomic_write.ts`), and a change by another program changes the size,\n * time or inode.\n */\nexport function validatorsOf(info: Deno.FileInfo): Validators {\n  const time = info.mtime?.getTime() ?? 0;\n  const parts = [info.ino ?? 0, info.size, time];\n  const tag = parts.map((part) => part.toString(36)).join(\"-\");\n  return { entityTag: `\"${tag}\"`, lastModified: time };\n}",
 "tests/handlers/preconditions_test.ts:107": "Deno.test(\"RFC 9110 §8.8.3.2: a weak tag matches weakly alone\", () => {\n  const evaluate = (fields: Fields) =>\n    evaluatePreconditions(\n      { method: \"GET\", headers: new Headers(fields) },\n      weak,\n    );\n  assertEquals(evaluate({ \"if-match\": 'W/\"a\"' }), 412);\n  assertEquals(evaluate({ \"if-match\": '\"a\"' }), 412);\n  assertEquals(evaluate({ \"if-none-match\": '\"a\"' }), 304);\n  assertEquals(evaluate({ \"if-none-match\": 'W/\"a\"' }), 304);\n});",
 "lib/server/incoming_content.ts:280": "async #inviteOnce(): Promise<void> {\n  if (!this.isWaiting) return;\n  this.isWaiting = false;\n  await this.#guard.invite();\n}",
 "tests/rfc9110/10_expect_test.ts:45": "{\n  name: \"RFC 9110 §10.1.1: no 100 without content\",\n  send: head(EXPECT) + NEXT,\n  answers: [\"200 POST http://h/a []\", NEXT_ANSWER],\n},",
 "lib/wire/message_framing.ts:151": "/**\n * RFC 9112 §3.2: 400 for a request without Host, with several, or with an\n * invalid one. HTTP/1.0 may omit it.\n */\nexport function checkHost(\n  { host, hosts }: KnownFields,\n  minorVersion: number,\n): void {\n  if (host === undefined) {\n    if (minorVersion === 0) return;\n    throw new ProtocolError(400, \"The Host field is missing (RFC 9112 §3.2)\");\n  }\n  if (hosts > 1) {\n    throw new ProtocolError(400, \"There are several Host fields\");\n  }\n  if (!isAuthority(host)) {\n    throw new ProtocolError(400, \"The Host field is invalid (RFC 9110 §7.2)\");\n  }\n}",
 "tests/rfc9112/03_request_line_test.ts:125": "{\n  name: \"RFC 9112 §3.2: Host twice is refused in HTTP/1.0 too\",\n  send: \"GET / HTTP/1.0\\r\\nHost: h\\r\\nHost: h\\r\\n\\r\\n\",\n  answers: [400],\n},",
 "lib/handlers/preconditions.ts:86": "/** RFC 9110 §13.1.1, and §13.1.4 in its absence. */\nfunction ifMatch(headers: Headers, current: Validators | undefined): boolean {\n  const field = headers.get(\"if-match\");\n  if (field === null) return ifUnmodifiedSince(headers, current);\n  if (!current) return false;\n  if (field.trim() === \"*\") return true;\n  const tags = parseEntityTags(field) ?? [];\n  return tags.some((tag) => isStrongMatch(tag, current.entityTag));\n}",
 "tests/handlers/preconditions_test.ts:27": "[{ \"if-match\": '\"b\", \"a\"' }, undefined, undefined, 412],",
 "lib/handlers/preconditions.ts:121": "/** RFC 9110 §13.1.3. */\nfunction ifModifiedSince(\n  headers: Headers,\n  current: Validators | undefined,\n): boolean {\n  const date = parseHttpDate(headers.get(\"if-modified-since\") ?? \"\");\n  if (date === undefined || !current) return true;\n  return inSeconds(current.lastModified) > inSeconds(date);\n}",
 "tests/handlers/preconditions_test.ts:40": "[{ \"if-modified-since\": same }, 304, undefined, undefined],",
 "lib/handlers/preconditions.ts:106": "/** RFC 9110 §13.1.2. */\nfunction ifNoneMatch(\n  field: string,\n  current: Validators | undefined,\n  isSafe: boolean,\n): boolean {\n  if (field.trim() === \"*\") return current === undefined;\n  const tags = parseEntityTags(field);\n  if (!tags && !isSafe) {\n    throw new HttpError(400, \"If-None-Match must be * or entity tags\");\n  }\n  return !current || !tags ||\n    !tags.some((tag) => isWeakMatch(tag, current.entityTag));\n}",
 "tests/handlers/preconditions_test.ts:37": "[{ \"if-none-match\": 'W/\"a\"' }, 304, 412, undefined],",
 "lib/handlers/preconditions.ts:131": "/**\n * Whether a Range still speaks of what the client has a part of\n * (RFC 9110 §13.1.5): without If-Range it does.\n */\nexport function ifRange(headers: Headers, current: Validators): boolean {\n  const field = headers.get(\"if-range\");\n  if (field === null) return true;\n  const tags = parseEntityTags(field);\n  if (tags) {\n    return tags.length === 1 && isStrongMatch(tags[0], current.entityTag);\n  }\n  const date = parseHttpDate(field);\n  // RFC 9110 §8.8.2.2: within the last second it may have changed again.\n  const isStrong = Date.now() - current.lastModified > 1000;\n  return date !== undefined && isStrong &&\n    inSeconds(date) === inSeconds(current.lastModified);\n}",
 "tests/handlers/preconditions_test.ts:119": "Deno.test(\"RFC 9110 §13.1.5: If-Range\", () => {\n  const fresh = { ...strong, lastModified: Date.now() };\n  for (\n    const [field, validators, expected] of [\n      [undefined, strong, true],\n      ['\"a\"', strong, true],\n      ['\"b\"', strong, false],\n      ['\"a\", \"b\"', strong, false],\n      ['W/\"a\"', strong, false],\n      ['W/\"a\"', weak, false],\n      [\"*\", strong, false],\n      [same, strong, true],\n      [before, strong, false],\n      [after, strong, false],\n      [\"nonsense\", strong, false],\n      // §8.8.2.2: it may have changed twice in this second.\n      [formatHttpDate(fresh.lastModified), fresh, false],\n    ] as const\n  ) {\n    const headers = new Headers(field ? { \"if-range\": field } : {});\n    assertEquals(ifRange(headers, validators), expected, field);\n  }\n});",
 "lib/handlers/http_date.ts:37": "/** A time as an IMF-fixdate, which knows seconds only. */\nexport function formatHttpDate(time: number): string {\n  return new Date(time).toUTCString();\n}",
 "lib/handlers/csrf.ts:63": "function isCrossSite({ headers, url }: Request): boolean {\n  const site = headers.get(\"sec-fetch-site\");\n  if (site !== null && site !== \"same-origin\" && site !== \"none\") return true;\n  const origin = headers.get(\"origin\");\n  return origin !== null && hostOf(origin) !== hostOf(url);\n}",
 "tests/handlers/csrf_test.ts:56": "[\"PUT\", { origin: \"http://evil.example\" }, false],",
 "lib/handlers/byte_ranges.ts:27": "/**\n * The parts that a Range asks for. Two that overlap or nearly touch become one.\n *\n * @returns undefined if the field must be ignored: it is malformed, has another\n * unit, or asks for too many parts. Empty if it cannot be satisfied.\n */\nexport function parseByteRanges(\n  field: string,\n  length: number,\n): ByteRange[] | undefined {\n  const [, set] = /^bytes=(.*)$/i.exec(field.trim()) ?? [];\n  if (set === undefined) return undefined;\n  const specs = set.split(\",\").map((text) => text.trim())\n    .filter((text) => text !== \"\");\n  if (specs.length === 0 || specs.length > MOST_SPECS) return undefined;\n  const ranges: ByteRange[] = [];\n  for (const text of specs) {\n    const range = parseSpec(text, length);\n    if (range === \"malformed\") return undefined;\n    if (range) ranges.push(range);\n  }\n  const parts = joinNear(ranges);\n  return parts.length > MOST_PARTS ? undefined : parts;\n}",
 "tests/handlers/byte_ranges_test.ts:21": "[\"bytes=-10\", [[990, 999]]],",
 "lib/server/client_limits.ts:80": "/**\n * Counts a request. @returns the answer to one too many: always the same line,\n * since to choose a form for each client would cost more than most answers.\n */\nrefuse({ remoteAddr, isOfProxy }: CountedRequest): Response | undefined {\n  const client = isOfProxy ? undefined : clientOf(remoteAddr);\n  if (client === undefined) return undefined;\n  const now = this.#now();\n  const allowance = this.#allowanceOf(client, now);\n  const gained = (now - allowance.at) * this.#rate / REFILL;\n  allowance.requests = Math.min(this.#rate, allowance.requests + gained);\n  allowance.at = now;\n  if (allowance.requests < 1) {\n    return new Response(TOO_MANY_REQUESTS, { status: 429, headers: refusal });\n  }\n  allowance.requests--;\n  return undefined;\n}",
 "tests/server/client_limits_test.ts:28": "Deno.test(\"clientRate: a second's number at once, then as time passes\", () => {\n  let now = 0;\n  const requests = new ClientRequests(10, () => now);\n  const take = (count: number) =>\n    admitted(requests, count, () => request(\"192.0.2.1\"));\n  assertEquals(take(50), 10);\n  now = 99;\n  assertEquals(take(50), 0);\n  now = 100;\n  assertEquals(take(50), 1);\n  now = 450;\n  assertEquals(take(50), 3);\n  now = 500;\n  assertEquals(take(50), 1);\n  // No more is saved up than comes in a second.\n  now = 60_000;\n  assertEquals(take(50), 10);\n});",
 "tests/rfc9110/06_trailers_test.ts:47": "Deno.test(\"RFC 9110 §6.5.1: no trailers to who did not ask for them\", async () => {\n  for (const te of [\"\", \"TE: gzip\\r\\n\"]) {\n    const octets = await octetsOf(inChunks, get(te));\n    assertEquals(/\\r\\n(trailer|x-sum):/.test(octets), false, octets);\n    assertEquals(octets.endsWith(\"\\r\\n2\\r\\nde\\r\\n0\\r\\n\\r\\n\"), true);\n  }\n});",
 "lib/server/answer.ts:247": "/**\n * RFC 9110 §6.6.2: the names of trailers, as far as they are known in advance.\n */\nfunction announcedTrailers(\n  { trailer }: AnswerHead,\n  trailers: Answered[\"trailers\"],\n): string {\n  if (!trailers) return \"\";\n  return trailer ?? [...trailers()?.keys() ?? []].join(\", \");\n}",
 "tests/rfc9110/06_trailers_test.ts:75": "Deno.test(\"RFC 9110 §6.6.2: trailers that are known before are announced\", async () => {\n  const octets = await octetsOf((_request, info) => {\n    info.responseTrailers.set(\"A\", \"b\");\n    info.responseTrailers.append(\"A\", \"c\");\n    return new Response(\"abc\");\n  }, get(TE));\n  assertStringIncludes(octets, \"\\r\\ntrailer: a\\r\\n\");\n  assertEquals(\n    octets.endsWith(\"\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\na: b, c\\r\\n\\r\\n\"),\n    true,\n  );\n});",
 "lib/wire/message_framing.ts:195": "/**\n *     Transfer-Encoding = #transfer-coding                   RFC 9112 §6.1\n *\n * Stricter: an empty member (`chunked,`) and a parameter of chunked are refused.\n */\nfunction chunkedFraming(list: string, minorVersion: number): Framing {\n  if (minorVersion === 0) {\n    throw new ProtocolError(\n      400,\n      \"HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1)\",\n    );\n  }\n  const codings = listMembers(list);\n  const chunkedAt = codings.findIndex((coding) =>\n    coding.toLowerCase() === \"chunked\"\n  );\n  if (\n    chunkedAt !== codings.length - 1 ||\n    !codings.every((coding) => TOKEN.test(coding))\n  ) {\n    throw new ProtocolError(\n      400,\n      \"Chunked must come once, as the last transfer coding (RFC 9112 §6.3)\",\n    );\n  }\n  if (codings.length > 1) {\n…",
 "tests/rfc9112/06_body_test.ts:51": "post(\n  \"6.1: gzip before chunked\",\n  \"Transfer-Encoding: gzip, chunked\\r\\n\",\n  \"\",\n  501,\n),",
 "lib/server/upgrade.ts:168": "/** RFC 9110 §7.8; a client of HTTP/1.0 can't ask for it. */\nfunction refuseUnasked(\n  { upgrade }: RequestHead,\n  protocol: string | undefined,\n): void {\n  if (!protocol) {\n    throw new TypeError(\"Cannot upgrade: name the protocol, such as websocket\");\n  }\n  if (upgrade.includes(protocol.toLowerCase())) return;\n  throw new HttpError(426, \"This resource needs another protocol\", {\n    headers: { upgrade: protocol },\n  });\n}",
 "tests/rfc9110/07_routing_test.ts:44": "harmless(\n  \"7.8: an upgrade that is not taken\",\n  \"Connection: Upgrade, HTTP2-Settings\\r\\nUpgrade: h2c\\r\\n\" +\n    \"HTTP2-Settings: AAMAAABkAAQAAP__\\r\\n\",\n),",
 "lib/cli/demo.ts:31": "/**\n * Answers with the value of `User-Agent` (RFC 9110 §10.1.5), octet for octet;\n * without that field, with empty content.\n */\nexport const userAgent: Handler<PortableInfo> = (request): Response => {\n  const value = request.headers.get(\"user-agent\") ?? \"\";\n  return new Response(octetsOf(value), { headers: plainText });\n};",
 "tests/cli/demo_test.ts:68": "Deno.test(`user agent: ${name}`, async () => {\n  const headers = new Headers();\n  if (value !== undefined) headers.set(\"user-agent\", value);\n  const request = new Request(\"http://localhost/user-agent\", { headers });\n  const response = await userAgent(request, localInfo);\n  assertEquals(response.status, 200);\n  assertEquals(response.headers.get(\"content-type\"), \"text/plain\");\n  assertEquals(response.headers.get(\"x-content-type-options\"), \"nosniff\");\n  assertEquals([...await response.bytes()], octets);\n});",
 "lib/handlers/compression.ts:240": "/** Adds to `Vary`, unless that is said already (RFC 9110 §12.5.5). */\nfunction varying(response: Response): Response {\n  const vary = response.headers.get(\"vary\");\n  if (vary !== null && variesByCoding.test(vary)) return response;\n  try {\n    response.headers.append(\"vary\", \"Accept-Encoding\");\n    return response;\n  } catch { // The headers of a fetched response cannot be changed.\n    return varying(new Response(response.body, response));\n  }\n}",
 "tests/handlers/compression_test.ts:132": "Deno.test(\"who wants no coding gets the content as it is\", async () => {\n  for (const accept of [\"\", \"zstd\", \"gzip;q=0\", \"identity, *;q=0\"]) {\n    const handler = compress(() => new Response(\"abc\", { headers: text }));\n    const response = await handler(request({ accept }), localInfo);\n    assertEquals(response.headers.get(\"content-encoding\"), null);\n    assertEquals(response.headers.get(\"vary\"), \"Accept-Encoding\");\n    assertEquals(await response.text(), \"abc\");\n  }\n});",
 "lib/wire/byte_reader.ts:50": "/**\n * Reads a stream of octets and keeps those that are not taken yet. All methods\n * throw a {@linkcode ConnectionLost} when the stream fails, and a\n * {@linkcode ProtocolError} at octets that cannot be part of a message.\n *\n * @example\n * ```ts\n * import { ByteReader } from \"@sluice/http/wire\";\n * import { assertEquals } from \"@std/assert\";\n *\n * const reader = new ByteReader(new Blob([\"one\\r\\ntwo\"]).stream());\n * const limit = { octets: 80, status: 400, message: () => \"Too long\" };\n * assertEquals((await reader.readLine(limit)).length, 3);\n * assertEquals((await reader.readSome(2))?.length, 2);\n * ```\n */\nexport class ByteReader {",
 "lib/wire/byte_reader.ts:395": "function cutShort(): ProtocolError {\n  return new ProtocolError(400, \"The request ended before it was complete\");\n}",
 "tests/rfc9112/08_incomplete_messages_test.ts:20": "cut(\"a head cut short\", \"GET / HTTP/1.1\\r\\nHost: h\\r\\n\"),",
 "tests/rfc9112/07_chunked_test.ts:42": "[\"a letter that is no digit\", \"5g\\r\\nabcde\\r\\n0\\r\\n\\r\\n\"],",
 "lib/wire/chunked_coding.ts:71": "async read(most: number): Promise<Uint8Array | undefined> {\n  if (this.ended) return undefined;\n  if (this.#leftInChunk === 0 && !this.#isAtLastChunk) {\n    await this.#readChunkStart();\n  }\n  if (this.#isAtLastChunk) {\n    this.trailers = await this.#reader.read(\n      new SectionParser(this.#limits),\n    );\n    this.ended = true;\n    return undefined;\n  }\n  const octets = await this.#reader.readSome(\n    Math.min(most, this.#leftInChunk),\n  );\n  if (!octets) {\n    throw new ProtocolError(400, \"The content ended within a chunk\");\n  }\n  this.#count(octets);\n  return this.#leftInChunk > 0 || octets.length === most\n    ? octets\n    : this.#withNextChunks(octets, most);\n}",
 "tests/rfc9112/08_incomplete_messages_test.ts:24": "cut(\"a chunk cut short\", CHUNKED + \"5\\r\\nabc\"),",
 "lib/wire/chunked_coding.ts:174": "/**\n * RFC 9112 §7.1.1: the total length of extensions should be limited. A few\n * small chunks may have long lines, many may not.\n */\n#refuseFlood(lineLength: number): void {\n  const fair = FAIR_LINE + 2 * this.#leftInChunk;\n  this.#excess = Math.max(0, this.#excess + lineLength - fair);\n  if (this.#excess > this.#limits.fieldSection) {\n    throw new ProtocolError(\n      400,\n      \"There are more chunk extensions than content (RFC 9112 §7.1.1)\",\n    );\n  }\n}",
 "lib/wire/chunked_coding.ts:190": "/** The CRLF between a chunk's data and the next chunk. */\nconst DATA_END: LineLimit = {\n  octets: 0,\n  status: 400,\n  message: () => \"A chunk is longer than its size says (RFC 9112 §7.1)\",\n};",
 "tests/rfc9112/07_chunked_test.ts:51": "[\"more data than its size\", \"5\\r\\nabcdefg\\r\\n0\\r\\n\\r\\n\"],",
 "lib/wire/message_framing.ts:174": "/** Decides the framing of a request (RFC 9112 §6.3), or refuses it. */\nexport function requestFraming(\n  { contentLength, contentLengths, transferEncoding }: KnownFields,\n  minorVersion: number,\n): Framing {\n  if (transferEncoding !== undefined) {\n    if (contentLength !== undefined) {\n      throw new ProtocolError(\n        400,\n        \"Transfer-Encoding and Content-Length must not be combined (RFC 9112 §6.1)\",\n      );\n    }\n    return chunkedFraming(transferEncoding, minorVersion);\n  }\n  if (contentLength === undefined) return NO_CONTENT;\n  if (contentLengths > 1) {\n    throw new ProtocolError(400, \"There are several Content-Length fields\");\n  }\n  return lengthFraming(contentLength);\n}",
 "tests/rfc9112/06_body_test.ts:33": "post(\n  \"6.1: with Content-Length\",\n  \"Content-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\",\n  \"0\\r\\n\\r\\n\",\n  400,\n),",
 "lib/wire/message_framing.ts:200": "function chunkedFraming(list: string, minorVersion: number): Framing {\n  if (minorVersion === 0) {\n    throw new ProtocolError(\n      400,\n      \"HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1)\",\n    );\n  }\n  const codings = listMembers(list);\n  const chunkedAt = codings.findIndex((coding) =>\n    coding.toLowerCase() === \"chunked\"\n  );\n  if (\n    chunkedAt !== codings.length - 1 ||\n    !codings.every((coding) => TOKEN.test(coding))\n  ) {\n    throw new ProtocolError(\n      400,\n      \"Chunked must come once, as the last transfer coding (RFC 9112 §6.3)\",\n    );\n  }\n  if (codings.length > 1) {\n    throw new ProtocolError(\n      501,\n      \"The only supported transfer coding is chunked\",\n    );\n  }\n  return CHUNKED;\n…",
 "tests/rfc9112/08_incomplete_messages_test.ts:22": "cut(\"content cut short\", POST + \"Content-Length: 5\\r\\n\\r\\nabc\"),",
 "lib/wire/request_head.ts:351": "function badTarget(): ProtocolError {\n  return new ProtocolError(\n    400,\n    \"The request target is invalid (RFC 9112 §3.2)\",\n  );\n}",
 "tests/rfc9112/03_request_line_test.ts:31": "line(\"3.2: a fragment\", \"GET /a#b HTTP/1.1\", 400),"
};

export const kinds = {
 "method": [
  "lib/wire/request_head.ts:234",
  "tests/rfc9112/03_request_line_test.ts:27"
 ],
 "space": [
  "lib/wire/request_head.ts:234",
  "tests/rfc9112/03_request_line_test.ts:16"
 ],
 "target": [
  "lib/wire/request_head.ts:296",
  "tests/rfc9112/03_request_line_test.ts:43"
 ],
 "version": [
  "lib/wire/request_head.ts:265",
  "tests/rfc9112/02_message_test.ts:81"
 ],
 "status": [
  "lib/wire/response_head.ts:26",
  "tests/rfc9112/04_status_line_test.ts:21"
 ],
 "reason": [
  "lib/wire/response_head.ts:26",
  "tests/rfc9110/06_response_test.ts:199"
 ],
 "line-end": [
  "lib/wire/byte_reader.ts:364",
  "tests/rfc9112/02_message_test.ts:36"
 ],
 "empty-line": [
  "lib/wire/byte_reader.ts:136",
  "tests/rfc9112/02_message_test.ts:21"
 ],
 "field-name": [
  "lib/wire/grammar.ts:26",
  "tests/rfc9112/05_fields_test.ts:29"
 ],
 "colon": [
  "lib/wire/field_section.ts:205",
  "tests/rfc9112/05_fields_test.ts:38"
 ],
 "whitespace": [
  "lib/wire/field_section.ts:137",
  "tests/rfc9112/05_fields_test.ts:17"
 ],
 "field-value": [
  "lib/wire/grammar.ts:35",
  "tests/rfc9112/05_fields_test.ts:95"
 ],
 "section-end": [
  "lib/wire/field_section.ts:158",
  "tests/rfc9112/02_message_test.ts:16"
 ],
 "content": [
  "lib/wire/request_content.ts:62",
  "tests/rfc9112/06_body_test.ts:101"
 ],
 "chunk-size": [
  "lib/wire/chunked_coding.ts:38",
  "tests/rfc9112/07_chunked_test.ts:25"
 ],
 "chunk-extension": [
  "lib/wire/chunked_coding.ts:21",
  "tests/rfc9112/07_chunked_test.ts:140"
 ],
 "chunk-data": [
  "lib/wire/chunked_coding.ts:152",
  "tests/rfc9112/07_chunked_test.ts:31"
 ],
 "last-chunk": [
  "lib/wire/chunked_coding.ts:231",
  "tests/rfc9112/07_chunked_test.ts:22"
 ],
 "trailer-name": [
  "lib/server/answer_head.ts:170",
  "tests/rfc9110/06_response_test.ts:172"
 ],
 "more": [
  "lib/xray/message_parts.ts:83",
  "tests/xray/dissection_test.ts:159"
 ],
 "beyond": [
  "lib/server/connection.ts:445",
  "tests/rfc9112/06_body_test.ts:166"
 ],
 "upgraded": [
  "lib/server/upgrade.ts:148",
  "tests/rfc9110/07_routing_test.ts:49"
 ],
 "wrong": [
  "lib/errors.ts:56",
  "tests/rfc9112/02_message_test.ts:108"
 ]
};

export const fields = {
 "accept-encoding": [
  "lib/handlers/accept_encoding.ts:47",
  "tests/handlers/accept_encoding_test.ts:35"
 ],
 "allow": [
  "lib/router/router.ts:317",
  "tests/rfc9110/09_methods_test.ts:109"
 ],
 "connection": [
  "lib/server/answer.ts:271",
  "tests/rfc9112/09_connection_test.ts:80"
 ],
 "content-encoding": [
  "lib/handlers/compression.ts:327",
  "tests/handlers/compression_test.ts:275"
 ],
 "content-length": [
  "lib/wire/message_framing.ts:229",
  "tests/rfc9112/06_body_test.ts:146"
 ],
 "content-range": [
  "lib/handlers/byte_ranges.ts:86",
  "tests/handlers/byte_ranges_test.ts:82"
 ],
 "content-security-policy": [
  "lib/page/document.ts:73",
  "tests/page/document_test.ts:7"
 ],
 "cookie": [
  "lib/wire/field_section.ts:82",
  "tests/server/as_deno_serve_test.ts:59"
 ],
 "date": [
  "lib/server/clock.ts:57",
  "tests/rfc9110/06_response_test.ts:131"
 ],
 "etag": [
  "lib/files/validators.ts:15",
  "tests/handlers/preconditions_test.ts:107"
 ],
 "expect": [
  "lib/server/incoming_content.ts:280",
  "tests/rfc9110/10_expect_test.ts:45"
 ],
 "host": [
  "lib/wire/message_framing.ts:151",
  "tests/rfc9112/03_request_line_test.ts:125"
 ],
 "if-match": [
  "lib/handlers/preconditions.ts:86",
  "tests/handlers/preconditions_test.ts:27"
 ],
 "if-modified-since": [
  "lib/handlers/preconditions.ts:121",
  "tests/handlers/preconditions_test.ts:40"
 ],
 "if-none-match": [
  "lib/handlers/preconditions.ts:106",
  "tests/handlers/preconditions_test.ts:37"
 ],
 "if-range": [
  "lib/handlers/preconditions.ts:131",
  "tests/handlers/preconditions_test.ts:119"
 ],
 "last-modified": [
  "lib/handlers/http_date.ts:37",
  "tests/handlers/preconditions_test.ts:40"
 ],
 "origin": [
  "lib/handlers/csrf.ts:63",
  "tests/handlers/csrf_test.ts:56"
 ],
 "range": [
  "lib/handlers/byte_ranges.ts:27",
  "tests/handlers/byte_ranges_test.ts:21"
 ],
 "retry-after": [
  "lib/server/client_limits.ts:80",
  "tests/server/client_limits_test.ts:28"
 ],
 "te": [
  "lib/server/answer_head.ts:170",
  "tests/rfc9110/06_trailers_test.ts:47"
 ],
 "trailer": [
  "lib/server/answer.ts:247",
  "tests/rfc9110/06_trailers_test.ts:75"
 ],
 "transfer-encoding": [
  "lib/wire/message_framing.ts:195",
  "tests/rfc9112/06_body_test.ts:51"
 ],
 "upgrade": [
  "lib/server/upgrade.ts:168",
  "tests/rfc9110/07_routing_test.ts:44"
 ],
 "user-agent": [
  "lib/cli/demo.ts:31",
  "tests/cli/demo_test.ts:68"
 ],
 "vary": [
  "lib/handlers/compression.ts:240",
  "tests/handlers/compression_test.ts:132"
 ]
};

export const refusals = {
 "Too long": [
  "lib/wire/byte_reader.ts:50",
  "tests/rfc9112/02_message_test.ts:108"
 ],
 "A line must end with CRLF, not LF alone": [
  "lib/wire/byte_reader.ts:364",
  "tests/rfc9112/02_message_test.ts:36"
 ],
 "The request ended before it was complete": [
  "lib/wire/byte_reader.ts:395",
  "tests/rfc9112/08_incomplete_messages_test.ts:20"
 ],
 "A chunk size is invalid": [
  "lib/wire/chunked_coding.ts:38",
  "tests/rfc9112/07_chunked_test.ts:42"
 ],
 "The request content is too large": [
  "lib/wire/message_framing.ts:229",
  "tests/rfc9112/06_body_test.ts:146"
 ],
 "The content ended within a chunk": [
  "lib/wire/chunked_coding.ts:71",
  "tests/rfc9112/08_incomplete_messages_test.ts:24"
 ],
 "There are more chunk extensions than content": [
  "lib/wire/chunked_coding.ts:174",
  "tests/rfc9112/07_chunked_test.ts:140"
 ],
 "A chunk is longer than its size says": [
  "lib/wire/chunked_coding.ts:190",
  "tests/rfc9112/07_chunked_test.ts:51"
 ],
 "A field line must not begin with whitespace": [
  "lib/wire/field_section.ts:205",
  "tests/rfc9112/05_fields_test.ts:38"
 ],
 "No whitespace is allowed before the colon of a field": [
  "lib/wire/field_section.ts:205",
  "tests/rfc9112/05_fields_test.ts:38"
 ],
 "A field line must be a name, a colon and a value": [
  "lib/wire/field_section.ts:205",
  "tests/rfc9112/05_fields_test.ts:38"
 ],
 "The Host field is missing": [
  "lib/wire/message_framing.ts:151",
  "tests/rfc9112/03_request_line_test.ts:125"
 ],
 "There are several Host fields": [
  "lib/wire/message_framing.ts:151",
  "tests/rfc9112/03_request_line_test.ts:125"
 ],
 "The Host field is invalid": [
  "lib/wire/message_framing.ts:151",
  "tests/rfc9112/03_request_line_test.ts:125"
 ],
 "Transfer-Encoding and Content-Length must not be combined": [
  "lib/wire/message_framing.ts:174",
  "tests/rfc9112/06_body_test.ts:33"
 ],
 "There are several Content-Length fields": [
  "lib/wire/message_framing.ts:174",
  "tests/rfc9112/06_body_test.ts:146"
 ],
 "HTTP/1.0 has no Transfer-Encoding": [
  "lib/wire/message_framing.ts:195",
  "tests/rfc9112/06_body_test.ts:51"
 ],
 "Chunked must come once, as the last transfer coding": [
  "lib/wire/message_framing.ts:195",
  "tests/rfc9112/06_body_test.ts:51"
 ],
 "The only supported transfer coding is chunked": [
  "lib/wire/message_framing.ts:200",
  "tests/rfc9112/06_body_test.ts:51"
 ],
 "Content-Length must be digits only": [
  "lib/wire/message_framing.ts:229",
  "tests/rfc9112/06_body_test.ts:146"
 ],
 "The content is shorter than its Content-Length": [
  "lib/wire/request_content.ts:62",
  "tests/rfc9112/08_incomplete_messages_test.ts:22"
 ],
 "This server speaks HTTP/1.1 and HTTP/1.0": [
  "lib/wire/request_head.ts:265",
  "tests/rfc9112/02_message_test.ts:81"
 ],
 "The request target is invalid": [
  "lib/wire/request_head.ts:351",
  "tests/rfc9112/03_request_line_test.ts:31"
 ]
};
