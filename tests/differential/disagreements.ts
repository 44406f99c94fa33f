/**
 * Where we and llhttp, or node:http on top of it, differ, and why we stay as we
 * are. What is not in this table is a mistake of one of us, and fails a test.
 *
 * @module
 */
import type { Difference } from "./compare.ts";

/** A kind of difference, with octets that show it. */
export interface Disagreement {
  about: string;
  section: string;
  weAre: "stricter" | "laxer";
  why: string;
  /** One message, and nothing after it. */
  example: string;
  /** How the message looks, from its first octet. */
  message: RegExp;
  /** What each says of it; `accepted` if it is left out. */
  ours?: RegExp;
  theirs?: RegExp;
  /** Set if node:http, unlike llhttp, is of our mind, whatever its reason. */
  nodeAgrees?: true;
}

const accepted = /^\{/;
const noVersion = /no valid (?:target|version)/;

/** A request whose last field lines these are. */
const withLines = (lines: string, content = "") =>
  `POST / HTTP/1.1\r\nHost: h\r\n${lines}\r\n${content}`;
const withTarget = (method: string, target: string) =>
  `${method} ${target} HTTP/1.1\r\nHost: h\r\n\r\n`;
const withChunks = (chunks: string) =>
  withLines("Transfer-Encoding: chunked\r\n", chunks);

export const disagreements: Disagreement[] = [
  {
    about: "Line ends alone before a request line",
    section: "RFC 9112 §2.2",
    weAre: "stricter",
    why: "Up to eight CRLF are skipped; they skip any number of CR and of LF",
    example: "\n\r" + withTarget("GET", "/"),
    message: /^[\r\n]/,
    ours: /LF alone|no valid method|control character|ended before/,
    theirs: /^(?:\{|nothing)/,
  },
  {
    about: "Several spaces in a request line",
    section: "RFC 9112 §3",
    weAre: "stricter",
    why:
      "One SP is one SP; to be lenient is allowed, and where smuggling begins",
    example: withTarget("GET ", "/ "),
    message: /^\S+(?: {2,}| +\S+ {2,})/,
    ours: noVersion,
  },
  {
    about: "No version (HTTP/0.9)",
    section: "RFC 9112 §3",
    weAre: "stricter",
    why: "They take it, with fields and all, and also when it ends with LF",
    example: "GET /\r\nHost: h\r\n\r\n",
    message: /^\S+ +[^ \r\n]*\r?\n/,
    ours: /no valid (?:target|version)|LF alone|target is invalid/,
  },
  {
    about: "HTTP/0.9 and HTTP/2.0",
    section: "RFC 9110 §15.6.6",
    weAre: "stricter",
    why: "505: what follows such a line is not for a reader of HTTP/1.1",
    example: "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
    message: /^\S+ +\S+ +HTTP\/(?:0\.9|2\.0)\r\n/,
    ours: /speaks HTTP\/1\.1/,
  },
  {
    about: "HTTP/1.2 and later",
    section: "RFC 9110 §2.5",
    weAre: "laxer",
    why: "A higher minor version is processed as the highest that is known",
    example: "GET / HTTP/1.2\r\nHost: h\r\n\r\n",
    message: /^\S+ \S+ HTTP\/1\.[2-9]\r\n/,
    theirs: /Invalid HTTP version/,
  },
  {
    about: "RTSP and ICE",
    section: "RFC 9112 §2.3",
    weAre: "stricter",
    why: "They read these protocols as well",
    example: "GET / RTSP/1.0\r\nHost: h\r\n\r\n",
    message: /^\S+ +\S+ +(?:RTSP|ICE)\/\d\.\d\r\n/,
    ours: /no valid version/,
  },
  {
    about: "Methods that they do not know",
    section: "RFC 9110 §9.1",
    weAre: "laxer",
    why: "Any token is a method; whoever serves it says 501",
    example: withTarget("BREW", "/"),
    message: /^[!#$%&'*+\-.^_`|~\w]+ /,
    theirs: /Invalid method encountered|Expected space after method/,
  },
  {
    about: "PRI",
    section: "RFC 9113 §3.4",
    weAre: "laxer",
    why: "Without the version HTTP/2.0 it is a method like any other",
    example: withTarget("PRI", "/"),
    message: /^PRI /,
    theirs: /HTTP\/2 Connection Preface|Invalid EOF state/,
  },
  {
    about: "CONNECT",
    section: "RFC 9110 §9.3.6",
    weAre: "laxer",
    why: "They end it with its head; we read on, answer 501 and close",
    example: "CONNECT h:443 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na",
    message: /^CONNECT \S+:\d+ /,
    ours: /./,
    theirs: /./,
  },
  {
    about: "Authority-form",
    section: "RFC 9112 §3.2.3",
    weAre: "stricter",
    why: "CONNECT has a host and a port, and no other method has them alone",
    example: withTarget("CONNECT", "/"),
    message: /^CONNECT /,
    ours: /target is invalid|no valid target/,
    nodeAgrees: true,
  },
  {
    about: "Asterisk-form",
    section: "RFC 9112 §3.2.4",
    weAre: "stricter",
    why: "Only OPTIONS has it, and nothing stands behind it",
    example: withTarget("GET", "*"),
    message: /^(?!OPTIONS \* )\S+ +\*/,
    ours: /target is invalid/,
  },
  {
    about: "Absolute-form with userinfo or without a host",
    section: "RFC 9110 §4.2.4",
    weAre: "stricter",
    why:
      "To some readers of a URL the host is before the @, to others after it",
    example: withTarget("GET", "http://a@h/"),
    message: /^\S+ +[A-Za-z][-+.\w]*:\/\/(?:[^/? ]*@|[:/? ])/,
    ours: /target is invalid/,
  },
  {
    about: "A host in absolute-form that is none",
    section: "RFC 3986 §3.2.2",
    weAre: "stricter",
    why: "They look at each octet, and not at the whole",
    example: withTarget("GET", "http://h:a/"),
    message: /^\S+ +[A-Za-z][-+.\w]*:\/\/(?![-\w.]*(?::\d*)?[/? ])/,
    ours: /target is invalid/,
  },
  {
    about: "Schemes with digits",
    section: "RFC 3986 §3.1",
    weAre: "laxer",
    why: "They may have them",
    example: withTarget("GET", "h2://h/"),
    message: /^\S+ [A-Za-z]+[-+.\d][-+.\w]*:\/\//,
    theirs: /Unexpected char in url schema/,
  },
  {
    about: "A fragment in a target",
    section: "RFC 9112 §3.2",
    weAre: "stricter",
    why: "It never leaves a client that knows what it is",
    example: withTarget("GET", "/#a"),
    message: /^\S+ +[^ \r\n]*#/,
    ours: /no valid target/,
  },
  {
    about: "A backslash in a path",
    section: "RFC 3986 §3.3",
    weAre: "stricter",
    why: "It may not be there, and parsers of URLs make a slash of it",
    example: withTarget("GET", "/\\a"),
    message: /^\S+ +[^ ?\r\n]*\\/,
    ours: /target is invalid/,
  },
  {
    about: "No Host",
    section: "RFC 9112 §3.2",
    weAre: "stricter",
    why: "llhttp leaves Host to its user, and node:http asks for it",
    example: "GET / HTTP/1.1\r\n\r\n",
    message: /^.* HTTP\/1\.\d\r\n(?!(?:.+\r\n)*host:)/i,
    ours: /Host field is missing/,
    nodeAgrees: true,
  },
  {
    about: "Several Host fields",
    section: "RFC 9112 §3.2",
    weAre: "stricter",
    why: "A MUST; node:http takes the first one",
    example: withLines("Host: h\r\n"),
    message: /^.*\r\n(?:.+\r\n)*host:.*\r\n(?:.+\r\n)*host:/i,
    ours: /several Host fields/,
  },
  {
    about: "A Host that is none",
    section: "RFC 9112 §3.2",
    weAre: "stricter",
    why: "A MUST; neither of them looks at it",
    example: "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    message: /^.*\r\n(?:.+\r\n)*host:(?![ \t]*[-\w.]*(?::\d*)?[ \t]*\r\n)/i,
    ours: /Host field is invalid/,
  },
  {
    about: "Transfer-Encoding in HTTP/1.0",
    section: "RFC 9112 §6.1",
    weAre: "stricter",
    why: "Its framing is faulty, says the RFC",
    example: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    message: /^.* HTTP\/1\.0\r\n(?:.+\r\n)*transfer-encoding:/i,
    ours: /HTTP\/1\.0 has no Transfer-Encoding/,
  },
  {
    about: "Transfer-Encoding without a value",
    section: "RFC 9112 §6.1",
    weAre: "stricter",
    why: "They take it for no field at all, others for chunked or for none",
    example: withLines("Transfer-Encoding:\r\n"),
    message: /^.*\r\n(?:.+\r\n)*transfer-encoding:[ \t]*\r\n/i,
    ours: /last transfer coding|must not be combined/,
  },
  {
    about: "Other transfer codings than chunked, or it twice",
    section: "RFC 9112 §6.1",
    weAre: "stricter",
    why: "501; llhttp hands on what it can't decode",
    example: withLines(
      "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
      "0\r\n\r\n",
    ),
    message:
      /^.*\r\n(?:.+\r\n)*transfer-encoding:(?:(?![ \t]*chunked[ \t]*\r\n)|.*\r\n(?:.+\r\n)*transfer-encoding:)/i,
    ours: /only supported transfer coding|last transfer coding/,
  },
  {
    about: "A tab after Transfer-Encoding or Content-Length",
    section: "RFC 9110 §5.5",
    weAre: "laxer",
    why: "It is whitespace, and no part of the value; to them it is",
    example: withLines("Transfer-Encoding: chunked\t\r\n", "0\r\n\r\n"),
    message:
      /^.*\r\n(?:.+\r\n)*(?:transfer-encoding:[ \t]*chunked|content-length:[ \t]*\d+)[ \t]+\r\n/i,
    theirs: /Request has invalid `Transfer-Encoding`|character in Content-Len/,
  },
  {
    about: "Whitespace in chunk extensions",
    section: "RFC 9112 §7.1.1",
    weAre: "laxer",
    why: "A recipient MUST parse it",
    example: withChunks("1 ; a = b\r\na\r\n0\r\n\r\n"),
    message: /\r\n[0-9A-Fa-f]+(?:[ \t]+;|;[^\r\n]*[ \t])/,
    theirs: /Invalid character in chunk/,
  },
  {
    about: "Chunk extensions without a name or a value",
    section: "RFC 9112 §7.1.1",
    weAre: "stricter",
    why: "A hole in the grammar of a line that frames content",
    example: withChunks("1;=b\r\na\r\n0\r\n\r\n"),
    message: /\r\n[0-9A-Fa-f]+[^\r\n]*;(?:[;=]|[^\r\n;=]+=[;\r])/,
    ours: /chunk size is invalid/,
  },
  {
    about: "Long chunk lines",
    section: "RFC 9112 §7.1.1",
    weAre: "stricter",
    why: "A recipient ought to limit them; they count zeros without end",
    example: withChunks("0".repeat(300) + "\r\n\r\n"),
    message: /\r\n[0-9A-Fa-f][^\r\n]{256,}/,
    ours: /chunk line is longer/,
  },
  {
    about: "Framing and Connection in trailers",
    section: "RFC 9110 §6.5.1",
    weAre: "laxer",
    why: "A trailer field changes nothing here; to them it is a header field",
    example: withChunks("0\r\nContent-Length: 5\r\n\r\n"),
    message:
      /\r\n0+(?:;[^\r\n]*)?\r\n(?:.+\r\n)*(?:content-length|transfer-encoding|(?:proxy-)?connection):/i,
    theirs: /`Transfer-Encoding`|Content-Length|Data after|^\{/,
  },
  {
    about: "Both close and keep-alive in HTTP/1.0",
    section: "RFC 9112 §9.3",
    weAre: "stricter",
    why: "close counts; to them keep-alive does",
    example: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n" +
      "Connection: close\r\n\r\n",
    message: /^.* HTTP\/1\.0\r\n(?=(?:.+\r\n)*connection:.*close)/i,
  },
  {
    about: "Proxy-Connection",
    section: "RFC 9112 §C.2.2",
    weAre: "stricter",
    why: "To them it is Connection by another name; the RFC does not know it",
    example: "GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n",
    message: /^.*\r\n(?:.+\r\n)*proxy-connection:/i,
  },
  {
    about: "Upgrade",
    section: "RFC 9110 §7.8",
    weAre: "laxer",
    why: "We ignore it, as a server may; they read nothing that comes after it",
    example: withLines("Connection: upgrade\r\nUpgrade: x\r\n"),
    message: /^.*\r\n(?:.+\r\n)*upgrade:/i,
  },
  {
    about: "A tab after Connection",
    section: "RFC 9110 §5.5",
    weAre: "laxer",
    why: "It is whitespace, and no part of the value; to them it is",
    example: "GET / HTTP/1.0\r\nConnection: keep-alive\t\r\n\r\n",
    message: /^.*\r\n(?:.+\r\n)*connection:.*\t/i,
  },
];

/** The entry of the table that a difference belongs to. */
export function kindOf(difference: Difference): Disagreement | undefined {
  const { octets, ours, theirs } = difference;
  return disagreements.find((entry) =>
    entry.message.test(octets) &&
    (entry.ours ?? accepted).test(ours) &&
    (entry.theirs ?? accepted).test(theirs) &&
    (entry.ours || entry.theirs || withoutClose(ours) === withoutClose(theirs))
  );
}

/** Two may agree on a message, and not on whether another one may follow. */
function withoutClose(opinion: string): string {
  return opinion.replace(/,"closes":(?:true|false)\}$/, "");
}
