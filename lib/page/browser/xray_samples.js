// Requests to begin with, right and wrong, in the notation of the composer.

const hello = "GET /echo/hello HTTP/1.1\nHost: localhost\n";
const post = "POST /echo/hello HTTP/1.1\nHost: localhost\n";

/** @type {Record<string, Record<string, string>>} */
export const samples = {
  "Well-formed": {
    "A plain request": `${hello}\n`,
    "HEAD": `HEAD /echo/hello HTTP/1.1\nHost: localhost\n\n`,
    "HTTP/1.0": "GET /echo/hello HTTP/1.0\n\n",
    "Two at once":
      `GET /echo/one HTTP/1.1\nHost: localhost\n\nGET /echo/two HTTP/1.1\nHost: localhost\n\n`,
    "Content with a length": `${post}Content-Length: 5\n\nhello`,
    "Content in chunks": `${post}Transfer-Encoding: chunked\n\n5\nhello\n0\n\n`,
    "Two parts, with a wait":
      "GET /echo/hello HTTP/1.1\n\\wHost: localhost\n\n",
  },
  "Malformed": {
    "No Host": "GET / HTTP/1.1\n\n",
    "A space before the colon": "GET / HTTP/1.1\nHost : localhost\n\n",
    "A method in lower case": "get /echo/hello HTTP/1.1\nHost: localhost\n\n",
    "Two lengths": `${post}Content-Length: 3\nContent-Length: 5\n\nabcde`,
    "A length and chunks":
      `${post}Content-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n`,
    "Too little content": `${hello}Content-Length: 9\n\nhello`,
    "A chunk of no size": `${post}Transfer-Encoding: chunked\n\nxyz\n`,
    "Not HTTP": "hello\n",
  },
};
