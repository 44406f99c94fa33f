// Requests to begin with, right and wrong ones.

/** @type {Record<string, string>} */
export const samples = {
  "A plain request": "GET /echo/hello HTTP/1.1\nHost: localhost\n\n",
  "Two at once":
    "GET /echo/one HTTP/1.1\nHost: localhost\n\nGET /echo/two HTTP/1.1\nHost: localhost\n\n",
  "Content in chunks":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
  "No Host": "GET / HTTP/1.1\n\n",
  "A space before the colon": "GET / HTTP/1.1\nHost : localhost\n\n",
  "Two lengths":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nContent-Length: 3\nContent-Length: 5\n\nabcde",
  "A length and chunks":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nContent-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n",
  "A chunk of no size":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\nxyz\n",
  "HTTP/1.0": "GET /echo/hello HTTP/1.0\n\n",
  "No HTTP at all": "hello\n",
};
