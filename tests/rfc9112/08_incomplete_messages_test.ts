import { assertEquals, assertRejects } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { converse } from "../support/conversation.ts";
import { testMessages } from "../support/message_cases.ts";

const POST = "POST / HTTP/1.1\r\nHost: h\r\n";
const CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

/** What a client has sent when it goes: not all of a request. */
const cut = (name: string, send: string) => ({
  name: `RFC 9112 §8: ${name}`,
  send,
  answers: [400],
});

testMessages([
  { name: "RFC 9112 §8: no request at all", send: "", answers: [] },
  cut("a request line cut short", "GET / HT"),
  cut("a request line without its LF", "GET / HTTP/1.1\r"),
  cut("a head cut short", "GET / HTTP/1.1\r\nHost: h\r\n"),
  cut("a head cut within its empty line", "GET / HTTP/1.1\r\nHost: h\r\n\r"),
  cut("content cut short", POST + "Content-Length: 5\r\n\r\nabc"),
  cut("no content where some was told", POST + "Content-Length: 5\r\n\r\n"),
  cut("a chunk cut short", CHUNKED + "5\r\nabc"),
  cut("a chunk without its line end", CHUNKED + "5\r\nabcde"),
  cut("chunks cut short", CHUNKED + "5\r\nabcde\r\n"),
  cut("a chunk size cut short", CHUNKED + "5"),
  cut("no last chunk's empty line", CHUNKED + "5\r\nabcde\r\n0\r\n"),
  cut("trailers cut short", CHUNKED + "5\r\nabcde\r\n0\r\nA: b\r\n"),
]);

Deno.test("RFC 9112 §8: content cut short is never taken for whole", async () => {
  const cases = [
    POST + "Content-Length: 5\r\n\r\nabc",
    CHUNKED + "5\r\nabcde\r\n",
  ];
  for (const send of cases) {
    let reading: Promise<string> | undefined;
    await converse([send], {
      async handler(request) {
        reading = request.text();
        return new Response(await reading);
      },
    });
    await assertRejects(() => reading!, ProtocolError);
  }
});

Deno.test("RFC 9112 §8: what a handler makes of content cut short is no success", async () => {
  const answers = await converse([POST + "Content-Length: 5\r\n\r\nabc"], {
    handler: async (request) => {
      await request.text().catch(() => {});
      throw new Error("what now?");
    },
  });
  assertEquals(answers.map(({ status }) => status), [400]);
  assertEquals(answers[0].fields.connection, "close");
});
