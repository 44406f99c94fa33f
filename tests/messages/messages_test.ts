/**
 * Every message of valid/ and invalid/, fed whole, octet by octet and cut at
 * every place, with another request behind it: that one is answered after a
 * valid message, and never after an invalid one.
 */
import { assertEquals } from "@std/assert";
import {
  type Answer,
  connect,
  converse,
  latin1,
  text,
} from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER } from "../support/message_cases.ts";
import { type Message, readMessages } from "./read_messages.ts";
import validChunks from "./valid/chunks.txt" with { type: "text" };
import validContent from "./valid/content.txt" with { type: "text" };
import validFields from "./valid/fields.txt" with { type: "text" };
import validRequestLines from "./valid/request_lines.txt" with { type: "text" };
import validUnreadContent from "./valid/unread_content.txt" with {
  type: "text",
};
import invalidChunks from "./invalid/chunks.txt" with { type: "text" };
import invalidContentLength from "./invalid/content_length.txt" with {
  type: "text",
};
import invalidFields from "./invalid/fields.txt" with { type: "text" };
import invalidHost from "./invalid/host.txt" with { type: "text" };
import invalidLineEnds from "./invalid/line_ends.txt" with { type: "text" };
import invalidRequestLines from "./invalid/request_lines.txt" with {
  type: "text",
};
import invalidTransferEncoding from "./invalid/transfer_encoding.txt" with {
  type: "text",
};
import invalidTrailers from "./invalid/trailers.txt" with { type: "text" };

// Imported and not read: so these tests need no permission.
const files: Record<string, string> = {
  "valid/chunks.txt": validChunks,
  "valid/content.txt": validContent,
  "valid/fields.txt": validFields,
  "valid/request_lines.txt": validRequestLines,
  "valid/unread_content.txt": validUnreadContent,
  "invalid/chunks.txt": invalidChunks,
  "invalid/content_length.txt": invalidContentLength,
  "invalid/fields.txt": invalidFields,
  "invalid/host.txt": invalidHost,
  "invalid/line_ends.txt": invalidLineEnds,
  "invalid/request_lines.txt": invalidRequestLines,
  "invalid/trailers.txt": invalidTrailers,
  "invalid/transfer_encoding.txt": invalidTransferEncoding,
};

/** Fields that show otherwise: as the URL, or as the content. */
const framing = ["content-length", "host", "transfer-encoding"];

/** Tells all that it was given. Content for `/unread…` it does not read. */
async function tell(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  const content = new URL(url).pathname.startsWith("/unread")
    ? "not read"
    : text(await request.bytes());
  const fields = [...headers].filter(([name]) => !framing.includes(name))
    .map((field) => ` ${field.join("=")}`);
  return new Response(
    latin1(`${method} ${url} [${content}]${fields.join("")}`),
  );
}

const told = ({ status, content }: Answer) =>
  status === 200 ? content : String(status);

async function answersTo(arrivals: string[]): Promise<string[]> {
  const answers = await converse(arrivals, { handler: tell });
  return answers.map(told);
}

/** Sends a message and nothing more, not even a FIN: it is answered at once. */
async function checkAlone({ octets, answers }: Message): Promise<void> {
  const { pipe, done } = connect({
    handler: tell,
    timeouts: { head: 5_000, content: 5_000 },
  });
  pipe.send(octets);
  for (const answer of answers) {
    await pipe.until(/^\d+$/.test(answer) ? `HTTP/1.1 ${answer} ` : answer);
  }
  pipe.send(null);
  await done;
}

async function checkFollowed(message: Message): Promise<void> {
  const send = message.octets + NEXT;
  const expected = message.closes
    ? message.answers
    : [...message.answers, NEXT_ANSWER.slice("200 ".length)];
  assertEquals(await answersTo([send]), expected, "whole");
  assertEquals(await answersTo([...send]), expected, "octet by octet");
  for (let at = 1; at < send.length; at++) {
    const parts = [send.slice(0, at), send.slice(at)];
    assertEquals(await answersTo(parts), expected, `cut at ${at}`);
  }
}

for (const [file, contents] of Object.entries(files)) {
  const isInvalid = file.startsWith("invalid/");
  for (const message of readMessages(contents)) {
    Deno.test(`${message.reason} (${file})`, async () => {
      await checkAlone(message);
      await checkFollowed({
        ...message,
        closes: message.closes || isInvalid,
      });
      // Where nothing is said before the close, the answer was out already.
      if (!isInvalid || message.closes) return;
      const answers = await converse([message.octets], { handler: tell });
      const refusal = answers.at(-1)!;
      assertEquals(refusal.fields.connection, "close");
      assertEquals([400, 413, 431, 501, 505].includes(refusal.status), true);
    });
  }
}

const mayRead = (await Promise.all(
  ["valid/", "invalid/"].map((folder) =>
    Deno.permissions.query({
      name: "read",
      path: new URL(folder, import.meta.url),
    })
  ),
)).every(({ state }) => state === "granted");

Deno.test(
  { name: "every file of messages is tested", ignore: !mayRead },
  () => {
    const found = ["valid/", "invalid/"].flatMap((folder) =>
      [...Deno.readDirSync(new URL(folder, import.meta.url))]
        .map(({ name }) => folder + name)
    );
    assertEquals(found.sort(), Object.keys(files).sort());
  },
);
