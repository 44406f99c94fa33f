/**
 * RFC 9110 §13, §14: the same requests for the same files, to the command and to
 * nginx. Status and octets are the same, or the difference is told here.
 */

import { assert, assertEquals } from "@std/assert";
import { freePort } from "../bench/processes.ts";
import { hasTool, startNginx } from "./proxies.ts";
import { noise, RawUpload, Server } from "./server.ts";

const files = {
  "a.txt": new TextEncoder().encode("0123456789".repeat(100)),
  "b.bin": noise(300_000, 5),
  "empty": new Uint8Array(0),
};

const modified = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
const date = (seconds: number) => new Date(seconds * 1000).toUTCString();
const before = date(modified - 1);
const same = date(modified);
const after = date(modified + 1);

/** Fields of a request; TAG is the entity tag that the server has given. */
const cases: Record<string, string>[] = [
  {},
  ...[
    "bytes=0-0",
    "bytes=0-99",
    "bytes=100-",
    "bytes=-100",
    "bytes=-999999",
    "bytes=999-1000",
    "bytes=0-99,200-299",
    "bytes=200-299,0-99",
    "bytes=0-0,-1",
    "bytes=999999-",
    "bytes=0-9,999999-",
    "bytes=-0",
    "bytes=1-0",
    "bytes=a-b",
    "bytes=",
    "octets=0-1",
  ].map((range) => ({ range })),
  { "if-none-match": "TAG" },
  { "if-none-match": "W/TAG" },
  { "if-none-match": '"x"' },
  { "if-none-match": '"x", TAG' },
  { "if-none-match": "*" },
  { "if-match": "TAG" },
  { "if-match": "W/TAG" },
  { "if-match": '"x"' },
  { "if-match": "*" },
  { "if-modified-since": same },
  { "if-modified-since": before },
  { "if-modified-since": after },
  { "if-modified-since": "nonsense" },
  { "if-unmodified-since": same },
  { "if-unmodified-since": before },
  { "if-unmodified-since": after },
  { "if-none-match": '"x"', "if-modified-since": same },
  { "if-none-match": "TAG", "if-modified-since": before },
  { "if-match": "TAG", "if-unmodified-since": before },
  { "if-match": "TAG", "if-none-match": "TAG" },
  { "if-range": "TAG", "range": "bytes=0-9" },
  { "if-range": '"x"', "range": "bytes=0-9" },
  { "if-range": same, "range": "bytes=0-9" },
  { "if-range": before, "range": "bytes=0-9" },
  { "if-none-match": "TAG", "range": "bytes=0-9" },
  { "if-match": '"x"', "range": "bytes=0-9" },
];

interface Answer {
  status: string;
  tag: string | undefined;
  /** What must be the same. */
  told: unknown[];
}

async function ask(
  port: number,
  method: string,
  name: string,
  fields: Record<string, string>,
): Promise<Answer> {
  const request = await RawUpload.begin(
    port,
    `${method} /files/${name} HTTP/1.1`,
    ...Object.entries(fields).map((field) => field.join(": ")),
    "Connection: close",
  );
  const text = await request.answer;
  request.close();
  const end = text.indexOf("\r\n\r\n");
  const field = (name: string) =>
    new RegExp(`^${name}: (.*)\r$`, "im").exec(text.slice(0, end + 2))?.[1];
  const status = text.slice(9, 12);
  const content = text.slice(end + 4);
  const boundary = /boundary=(\S+)/.exec(field("content-type") ?? "")?.[1];
  return {
    status,
    tag: field("etag"),
    // An error's content is each server's own.
    told: status.startsWith("4")
      ? [status, field("content-range")]
      : boundary
      ? [status, ...partsOf(content, boundary)]
      : [status, field("content-range"), field("content-length"), content],
  };
}

/** The range and the octets of each part. */
function partsOf(content: string, boundary: string): string[] {
  return content.split(`--${boundary}`).slice(1, -1).map((part) => {
    const [head, ...octets] = part.split("\r\n\r\n");
    const range = /^content-range: (.*)$/im.exec(head)?.[1];
    return `${range?.trim()}: ${octets.join("\r\n\r\n")}`;
  });
}

interface Asked {
  method: string;
  name: string;
  fields: Record<string, string>;
}

/** Where they differ, why, and what comes: from the command, from nginx. */
const differences: {
  why: string;
  is: (asked: Asked) => boolean;
  statuses: [ours: string, theirs: string][];
}[] = [
  {
    why: "RFC 9110 §14.2: a Range means something in a GET alone",
    is: ({ method, fields }) => method === "HEAD" && "range" in fields,
    statuses: [["200", "206"], ["200", "416"]],
  },
  {
    why: "RFC 9110 §14.2: a Range that is malformed is ignored",
    is: ({ fields }) => /=(?:1-0|a-b|)$/.test(fields.range ?? ""),
    statuses: [["200", "416"]],
  },
  {
    why: "RFC 9110 §14.1.2: the first octet of nothing does not exist",
    is: ({ name, fields }) => name === "empty" && "range" in fields,
    statuses: [["416", "200"]],
  },
  {
    why: "RFC 9110 §13.1.3: not modified since a later date either",
    is: ({ fields }) => fields["if-modified-since"] === after,
    statuses: [["304", "200"]],
  },
  {
    why: "RFC 9110 §13.1.3: beside If-None-Match the date does not count",
    is: ({ fields }) =>
      fields["if-none-match"] === "TAG" && "if-modified-since" in fields,
    statuses: [["304", "200"]],
  },
  {
    why: "RFC 9110 §13.1.4: beside If-Match the date does not count",
    is: ({ fields }) => "if-match" in fields && "if-unmodified-since" in fields,
    statuses: [["200", "412"]],
  },
];

Deno.test("preconditions and ranges are those of nginx", {
  ignore: !await hasTool("nginx"),
}, async () => {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.chmod(path, 0o755);
  const directory = `${path}/files`;
  await Deno.mkdir(directory);
  for (const [name, octets] of Object.entries(files)) {
    await Deno.writeFile(`${directory}/${name}`, octets);
    await Deno.utime(`${directory}/${name}`, modified, modified);
  }
  const port = freePort();
  await using server = await Server.start(directory);
  // Its workers are another user.
  await Deno.chmod(directory, 0o755);
  await using _nginx = await startNginx(
    port,
    `location /files/ { alias ${directory}/; }`,
  );
  const unexplained: string[] = [];
  const seen = new Set<string>();
  for (const name of Object.keys(files)) {
    const { tag: ourTag } = await ask(server.port, "GET", name, {});
    const { tag: theirTag } = await ask(port, "GET", name, {});
    assert(ourTag && theirTag);
    for (const method of ["GET", "HEAD"]) {
      for (const fields of cases) {
        const withTag = (tag: string) =>
          Object.fromEntries(
            Object.entries(fields).map((
              [name, value],
            ) => [name, value.replace("TAG", tag)]),
          );
        const ours = await ask(server.port, method, name, withTag(ourTag));
        const theirs = await ask(port, method, name, withTag(theirTag));
        if (Deno.inspect(ours.told) === Deno.inspect(theirs.told)) continue;
        const explained = differences.find(({ is, statuses }) =>
          is({ method, name, fields }) &&
          statuses.some(([our, their]) =>
            our === ours.status && their === theirs.status
          )
        );
        if (explained) seen.add(explained.why);
        else {
          unexplained.push(
            `${method} ${name} ${JSON.stringify(fields)}: ` +
              `${ours.status}, nginx ${theirs.status}`,
          );
        }
      }
    }
  }
  assertEquals(unexplained, []);
  assertEquals([...seen].sort(), differences.map(({ why }) => why).sort());
  await Deno.remove(path, { recursive: true });
});
