/**
 * A server of node:http, to be run by Node.js: for each connection it prints a
 * line of JSON with what it found there, by the client's port.
 */
import { createServer, ServerResponse } from "node:http";

const connections = new WeakMap();

/** Node refuses some requests itself, by a response that nobody asked for. */
class Response extends ServerResponse {
  writeHead(status, ...rest) {
    const verdict = connections.get(this.req.socket);
    if (status >= 400) verdict.refusal ??= `Answered with ${status}`;
    return super.writeHead(status, ...rest);
  }
}

function record(request, response) {
  const verdict = connections.get(request.socket);
  const { method, url, httpVersionMinor, headers, rawHeaders } = request;
  // Whether it will be or not, its parser goes no further.
  const isUpgrade = headers.upgrade && /\bupgrade\b/i.test(headers.connection);
  let content = "";
  // Called by the parser itself: an error in a later message of the same
  // packet would destroy what a stream still holds.
  request.push = (octets) => {
    if (octets !== null) {
      content += octets.toString("latin1");
      return true;
    }
    // It reads on after what it has refused itself.
    if (verdict.refusal) return false;
    verdict.messages.push({
      method,
      target: url,
      minorVersion: httpVersionMinor,
      fields: rawHeaders.flatMap((name, index) =>
        index % 2 ? [] : [[name, rawHeaders[index + 1]]]
      ),
      content,
    });
    verdict.closes = isUpgrade || !response.shouldKeepAlive;
    response.setHeader("Content-Length", 0);
    response.end();
    return false;
  };
}

const server = createServer({ ServerResponse: Response });
server.on("request", record);
server.on("checkContinue", (request, response) => {
  response.writeContinue();
  record(request, response);
});
server.on("checkExpectation", record);
server.on("connect", (_, socket) => {
  connections.get(socket).refusal ??= "CONNECT is not served";
  socket.destroy();
});
server.on("connection", (socket) => {
  const verdict = { messages: [], closes: false, port: socket.remotePort };
  connections.set(socket, verdict);
  socket.on("close", () => console.log(JSON.stringify(verdict)));
});
server.on("clientError", ({ code, reason, message }, socket) => {
  connections.get(socket).refusal ??= reason ?? `${code} ${message}`;
  socket.destroy();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
