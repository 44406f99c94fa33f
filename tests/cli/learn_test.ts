/**
 * `--learn`: each lesson is solved by its own solution, and tells wrong tries
 * apart. What is sent goes the way of what a person types.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { typedOctets } from "../../lib/page/browser/typed_octets.js";
import type { Lesson, Verdict } from "../../lib/xray/lessons/lesson.ts";
import { chunked, get, local, put, tea } from "../support/lesson_requests.ts";
import {
  mayRunCommand,
  runCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;
const folder = "./sluice-lessons";
const flags = [
  "--allow-net=127.0.0.1",
  `--allow-read=${folder}`,
  `--allow-write=${folder}`,
];

/** What a learner sees of an exchange. */
interface Answer {
  id: number;
  connection: number;
  messages: { octets: string }[];
}

/** Somebody at a lesson. */
class Learner {
  #url: string;
  #id: string;
  #after = 0;
  /** The octets of the last answer. */
  answer = "";

  constructor({ url }: RunningCommand, id: string) {
    this.#url = url;
    this.#id = id;
  }

  /** Opens the lesson. */
  async begin(): Promise<void> {
    const [last] = await this.#send("GET /echo/ HTTP/1.1\nHost: localhost\n\n");
    this.#after = last.id;
  }

  /** Sends what is typed, and hears what the lesson says of it. */
  async type(text: string, end = "crlf"): Promise<Verdict> {
    const answers = await this.#send(this.#filled(text), end);
    this.answer = answers.map(({ messages }) => atob(messages[1].octets))
      .join("");
    const query = `connection=${answers[0].connection}&after=${this.#after}`;
    return await this.#get(`lessons/${this.#id}/verdict?${query}`);
  }

  /** Puts what the last answers said in the place of `<ETAG>`. */
  #filled(text: string): string {
    return text.replaceAll(/<([A-Z]+)>/g, (_, name) => {
      const field = new RegExp(`^${name}: (.*?)\r`, "im");
      return field.exec(this.#heard)![1];
    });
  }

  #heard = "";

  async #send(text: string, end = "crlf"): Promise<Answer[]> {
    const { octets, waits } = typedOctets(text, end);
    const sent = await fetch(`${this.#url}xray/send?wait=${waits}`, {
      method: "POST",
      body: octets,
    });
    const { exchanges } = await sent.json();
    const answers: Answer[] = [];
    for (const id of exchanges) {
      answers.push(await this.#get(`exchanges/${id}`));
    }
    this.#heard = answers.map(({ messages }) => atob(messages[1].octets))
      .join("") + this.#heard;
    return answers;
  }

  // deno-lint-ignore no-explicit-any -- what it is, the caller says
  async #get(path: string): Promise<any> {
    return await (await fetch(`${this.#url}xray/${path}`)).json();
  }
}

/** The command with lessons, in a directory that is gone afterwards. */
async function withLessons(
  use: (server: RunningCommand, path: string) => Promise<void>,
): Promise<void> {
  await using site = await Site.make();
  await using server = await startCommand(["--learn", "--port", "0"], {
    cwd: site.path,
    flags,
  });
  await use(server, site.path);
}

async function lessonsOf({ url }: RunningCommand): Promise<Lesson[]> {
  return (await (await fetch(`${url}xray/lessons`)).json()).lessons;
}

/** Wrong tries by lesson: what is typed, what is said, and the line end. */
const wrong: Record<string, [text: string, said: RegExp, end?: string][]> = {
  "hello": [
    [get("/echo/"), /^The server repeated nothing/],
    [get("/echo/bye"), /something else than `hello`/],
    ["GET /echo/hello HTTP/1.1\nHost: localhost\n", /head .* has no end/],
    [get("/echo/hello"), /ended with LF alone/, "lf"],
    [get("/ehco/hello"), /nothing at `\/ehco\/hello`/],
    [`get /echo/hello HTTP/1.1\n${local}\n`, /write `GET`\.$/],
    [`PUT /echo/hello HTTP/1.1\n${local}\n`, /does not take `PUT`.*Allow/],
    [`HEAD /echo/hello HTTP/1.1\n${local}\n`, /head of an answer alone/],
    [get(tea), /path that repeats begins with/],
    ["hello", /has three words/],
    ["GET /echo/hello\nHost: localhost\n\n", /has three words/],
    [get("hello"), /`hello` has to begin with `\/`/],
    [
      "G(T /echo/hello HTTP/1.1\n\n",
      /400: The request line has no valid method\./,
    ],
  ],
  "host": [
    [get("/echo/a"), /has a `Host`: `localhost`/],
    [`GET / HTTP/1.1\n${local}${local}\n`, /`Host` twice.* a request without/],
    ["GET / HTTP/1.1\nHost:\n\n", /without a value, and that is allowed/],
    ["GET / HTTP/1.1\nHost : a\n\n", /space between `Host` and its colon/],
    ["GET / HTTP/1.0\n\n", /HTTP\/1\.0 is older than the field/],
    ["GET /\n\n", /stopped at something else/],
  ],
  "head": [
    [get(tea), /sent the whole file as well/],
    [`HEAD /echo/a HTTP/1.1\n${local}\n`, /head of `\/echo\/a`/],
    [`Head ${tea} HTTP/1.1\n${local}\n`, /write `HEAD`/],
    [`OPTIONS ${tea} HTTP/1.1\n${local}\n`, /method was `OPTIONS`/],
  ],
  "version": [
    [get("/echo/a"), /a version that the server speaks/],
    [`GET /echo/a HTTP/1.2\n${local}\n`, /the digit before the dot/],
    [`GET /echo/a HTTP/2\n${local}\n`, /not written like a version.*400/],
    [`GET /echo/a http/2.0\n${local}\n`, /not written like a version/],
  ],
  "old-version": [
    [get("/echo/hello"), /the connection stays open/],
    [get("/echo/hello", "Connection: close\n"), /how HTTP\/1\.1 says it/],
    [
      "GET /echo/hello HTTP/1.0\nConnection: keep-alive\n\n",
      /you asked the server not to close/,
    ],
    ["GET /user-agent HTTP/1.0\n\n", /not `\/echo\/hello`/],
  ],
  "two-at-once": [
    [get("/echo/one"), /one request\. Type a second one below/],
    [get("/echo/two"), /a connection of its own\. Both/],
    [get("/echo/one", "Connection: close\n") + get("/echo/two"), /Remove that/],
    [
      `GET /echo/one HTTP/1.1\n${local}GET /echo/two HTTP/1.1\n${local}\n`,
      /an empty line is missing/,
    ],
    [get("/echo/one") + "GET /echo/two HTTP/1.1\n", /The second was not/],
    ["GET /echo/a HTTP/1.0\n\nGET /echo/b HTTP/1.0\n\n", /Write `HTTP\/1\.1`/],
  ],
  "last-octets": [
    [get(tea), /`Range` is missing/],
    [get(tea, "Range: bytes=0-4\n"), /counts from the start/],
    [get(tea, "Range: bytes=463-\n"), /you have to know the length/],
    [get(tea, "Range: bytes=-6\n"), /6 octets from the end/],
    [get(tea, "Range: -5\n"), /begin with `bytes=`/],
    [get(tea, "Range: bytes=9999-\n"), /answered 416/],
    [get(tea, "Range: bytes=-5,0-1\n"), /several ranges/],
  ],
  "gzip": [
    [get(tea), /did not say that you accept gzip/],
    [get(tea, "Accept-Encoding: zip\n"), /no coding `zip`/],
    [
      get(tea, "Accept-Encoding gzip\n"),
      /^The line `Accept-En.*` has no colon/,
    ],
    [get(tea) + "Accept-Encoding: gzip\n\n", /stands after the empty line/],
    [get(tea, "Accept: gzip\n"), /names codings is `Accept-Encoding`/],
    [get(tea, "Accept-Encoding: gzip;q=0\n"), /not at all/],
  ],
  "no-change": [
    [get(tea), /Now ask again, and add `If-None-Match: "/],
    [get(tea, "If-None-Match: abc\n"), /in quotes, and `abc` is not/],
    [get(tea, 'If-None-Match: "abc"\n'), /its version is not `"abc"`/],
    [get("/echo/a"), /no `etag`/],
    [get(tea, "If-Match: *\n"), /`If-Match` is for changes/],
    [get(tea, "If-None-Match: <ETAG>\n"), /^That is the 304/],
    [get(tea), /You have the 304/],
    [put("x.txt", "Content-Length: 0\n", ""), /You said no condition/],
    [
      put("x.txt", "If-Match: *\nContent-Length: 0\n", ""),
      /condition was true/,
    ],
  ],
  "no-length": [
    [put("note.txt", "Content-Length: 5\n", "hello"), /You said the length/],
    [put("note.txt", "Content-Length: 9\n", "hello"), /with a wrong value/],
    [put("note.txt", "", ""), /nothing follows it/],
    [put("note.txt", chunked, "5\nhello\n0\n\n"), /Chunks say their own/],
    [get("/echo/a") + "hello", /method was `GET`/],
    [put("note.txt", "", get("/echo/a")), /a whole request/],
  ],
  "chunks": [
    [put("c.txt", chunked, "4\nGree\n"), /there was no last chunk/],
    [put("c.txt", chunked, "4\nGree\n5\nn tea\n0\n"), /empty line .* missing/],
    [put("c.txt", chunked, "4\nGreen\n0\n\n"), /do not agree/],
    [put("c.txt", chunked, "6\nGree\n5\nn tea\n0\n\n"), /do not agree/],
    [put("c.txt", chunked, "9\nGreen tea\n0\n\n"), /one chunk/],
    [put("c.txt", chunked, "3\nred\n4\n tea\n0\n\n"), /stored `red tea`/],
    [put("c.txt", chunked, "Green tea"), /begins with a size/],
    [put("c.txt", chunked, "Green\ntea\n"), /something else/],
    [put("c.txt", chunked, "9\nGree"), /fewer octets/],
    [put("c.txt", "", "4\nGree\n"), /Nothing announces chunks/],
    [put("c.txt", "Content-Length: 9\n", "Green tea"), /said the length/],
  ],
  "ask-first": [
    [put("a.txt", "Content-Length: 5\n", "hello"), /without a question/],
    [put("a.txt", "Content-Length: 5\n", "\\whello"), /without a question/],
    [
      put("a.txt", "Expect: 100-continue\nContent-Length: 5\n", "hello"),
      /did not wait/,
    ],
    [put("a.txt", "Expect: 100-continue\n", "\\whello"), /no content/],
    [
      put("a.txt", "Expect: 100-continue\nContent-Length: 5\n", "\\w\nhello"),
      /stand on one line/,
    ],
    [
      put("a.txt", "Expect: 100-continue\nContent-Length: 9\n", "\\whello"),
      /100, and then 400/,
    ],
    [put("a.txt", "Expect: yes\nContent-Length: 5\n", "\\whello"), /417/],
  ],
  "half-close": [
    [put("h.txt", "Content-Length: 5\n", "hello"), /The request was whole/],
    [put("h.txt", "Content-Length: 3\n", "hello"), /Announce more than/],
    [put("h.txt", "", "hello"), /No content was announced/],
    [put("h.txt", chunked, "5\nhel"), /a length instead of chunks/],
    [get(tea), /method was `GET`/],
  ],
  "smuggle": [
    [
      put("s.txt", "Content-Length: 53\n", "0\n\n" + get("/echo/a")),
      /one length only/,
    ],
    [
      put("s.txt", "Content-Length: 3\n", "0\n" + get("/echo/a")),
      /in plain sight\. Say both/,
    ],
    [
      put("s.txt", chunked, "0\n\n" + get("/echo/a")),
      /in plain sight\. Add `Content-Length`/,
    ],
    [
      put("s.txt", "Content-Length: 5\nContent-Length: 6\n", "abcde"),
      /by another rule/,
    ],
    [put("s.txt", "", ""), /Neither length/],
  ],
  "resume": [
    [get("/echo/a"), /Begin with the upload/],
    [put("r.txt", "Content-Length: 12\n", "Hello "), /Without `Upload-Comp/],
    [
      put("r.txt", "Upload-Complete: ?1\nContent-Length: 12\n", "Hello "),
      /Upload-Draft-Interop-Version: 8/,
    ],
    [
      put(
        "r.txt",
        "Upload-Draft-Interop-Version: 8\nUpload-Complete: ?1\nContent-Length: 12\n",
        "Hello ",
      ),
      /^The upload broke off/,
    ],
    [`HEAD /uploads/a HTTP/1.1\n${local}\n`, /The upload is at `\/uploads\//],
    ["HEAD <LOCATION> HTTP/1.1\n\n", /^The server answered 400/],
    [`HEAD <LOCATION> HTTP/1.1\n${local}\n`, /^6 octets have arrived/],
    [
      `PATCH <LOCATION> HTTP/1.1\n${local}Upload-Offset: 6\nUpload-Complete: ?1\nContent-Type: application/partial-upload\n\nworld!`,
      /Your part has no length/,
    ],
    [
      `PATCH <LOCATION> HTTP/1.1\n${local}Upload-Offset: 4\nUpload-Complete: ?1\nContent-Type: application/partial-upload\nContent-Length: 6\n\nworld!`,
      /answered 409: `Upload-Offset: 4`/,
    ],
    [
      `PATCH <LOCATION> HTTP/1.1\n${local}Upload-Offset: 6\nUpload-Complete: ?1\nContent-Length: 6\n\nworld!`,
      /answered 415/,
    ],
  ],
};

Deno.test(
  "each lesson tells wrong tries apart",
  { ignore },
  () =>
    withLessons(async (server) => {
      const all = (await lessonsOf(server)).map(({ id }) => id);
      assertEquals(Object.keys(wrong).toSorted(), all.toSorted());
      const misjudged: string[] = [];
      for (const [id, tries] of Object.entries(wrong)) {
        const learner = new Learner(server, id);
        await learner.begin();
        for (const [text, said, end] of tries) {
          const verdict = await learner.type(text, end);
          const what = verdict.isSolved ? "solved" : verdict.missing;
          if (!said.test(what)) {
            misjudged.push(`${id}: ${text}\n${learner.answer}\n${what}`);
          }
        }
      }
      assertEquals(misjudged, []);
    }),
);

Deno.test("each lesson is solved by its solution, and not before", {
  ignore,
}, () =>
  withLessons(async (server) => {
    for (const { id, solution } of await lessonsOf(server)) {
      const learner = new Learner(server, id);
      await learner.begin();
      for (const [at, text] of solution.entries()) {
        const { isSolved } = await learner.type(text);
        assertEquals(isSolved, at === solution.length - 1, id + learner.answer);
      }
    }
  }));

Deno.test(
  "what a lesson begins with does not solve it",
  { ignore },
  () =>
    withLessons(async (server) => {
      for (const { id, start } of await lessonsOf(server)) {
        const learner = new Learner(server, id);
        await learner.begin();
        assertEquals((await learner.type(start)).isSolved, false, id);
      }
    }),
);

Deno.test("lessons have a folder, in which nothing is replaced", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const options = { cwd: site.path, flags };
  const file = `${site.path}/sluice-lessons/tea.txt`;
  for (const isFirst of [true, false]) {
    await using server = await startCommand(
      ["--learn", "--port", "0"],
      options,
    );
    const lines = server.stderr.all;
    assert(lines.includes('Serving "./sluice-lessons", read and write'));
    await server.stderr.until(/^Lessons: http:\/\/127\.0\.0\.1:\d+\/xray$/);
    const page = await (await fetch(`${server.url}xray`)).text();
    assertMatch(page, /id="lessons"/);
    if (isFirst) {
      assertMatch(await Deno.readTextFile(file), /^Green tea\n/);
      await Deno.writeTextFile(file, "mine");
    }
  }
  assertEquals(await Deno.readTextFile(file), "mine");
});

Deno.test("without --learn there are no lessons", { ignore }, async () => {
  await using site = await Site.make();
  await using server = await startCommand(["--xray", "--port", "0"], {
    cwd: site.path,
  });
  for (const path of ["lessons", "lessons/hello/verdict?connection=1"]) {
    const response = await fetch(`${server.url}xray/${path}`);
    assertEquals(response.status, 404);
    await response.body?.cancel();
  }
  const page = await (await fetch(`${server.url}xray`)).text();
  assert(!page.includes('id="lessons"'));
});

Deno.test(
  "a lesson that is not there gets 404",
  { ignore },
  () =>
    withLessons(async ({ url }) => {
      for (const path of ["none/verdict", "hello/verdict?connection=9999"]) {
        const response = await fetch(`${url}xray/lessons/${path}`);
        assertEquals(response.status, 404);
        await response.body?.cancel();
      }
    }),
);

Deno.test("lessons need permission for their folder", { ignore }, async () => {
  await using site = await Site.make();
  const { code, stderr } = await runCommand(["--learn", "--port", "0"], {
    cwd: site.path,
  });
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^Cannot use "\.\/sluice-lessons" for lessons: not allowed, add --allow-read=\.\/sluice-lessons, add --allow-write=\.\/sluice-lessons$/m,
  );
});
