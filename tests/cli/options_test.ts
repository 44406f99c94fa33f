import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/messages.ts";
import { helpText, type Options, parseOptions } from "../../lib/cli/options.ts";
import { defaultLimits, defaultTimeouts } from "../../lib/limits.ts";

const defaults: Options = {
  "directory": "./public",
  "port": 4221,
  "host": "127.0.0.1",
  "listen": undefined,
  "workers": 1,
  "max-connections": defaultLimits.connections,
  "limit-connections": Infinity,
  "limit-rate": Infinity,
  "max-body": 2 ** 30,
  "max-uploads": 1000,
  "max-upload-space": 16 * 2 ** 30,
  "max-total": undefined,
  "keep-free": undefined,
  "idle-timeout": defaultTimeouts.idle,
  "head-timeout": defaultTimeouts.head,
  "content-timeout": defaultTimeouts.content,
  "write-timeout": defaultTimeouts.write,
  "shutdown-timeout": defaultTimeouts.shutdown,
  "drain-delay": undefined,
  "prefix": "",
  "resource-policy": "same-origin",
  "cache": undefined,
  "log": "text",
  "log-file": undefined,
  "log-level": "info",
  "auth": undefined,
  "key-file": undefined,
  "tls-cert": undefined,
  "tls-key": undefined,
  "hsts": undefined,
  "admin": undefined,
  "allow-host": [],
  "trust-proxy": [],
  "hide": [],
  "header": [],
  "cors": [],
  "proxy-protocol": false,
  "delete": false,
  "password": false,
  "public-read": false,
  "tls-self-signed": false,
  "index": false,
  "read-only": false,
  "upload-only": false,
  "no-listing": false,
  "site": false,
  "spa": false,
  "xray": false,
  "learn": false,
  "request-id": false,
  "help": false,
  "version": false,
};

const understood: [args: string[], values: Record<string, unknown>][] = [
  [[], {}],
  [["--"], {}],
  [["--directory", "files"], { directory: "files" }],
  [["--directory=a=b c"], { directory: "a=b c" }],
  [["--directory=-"], { directory: "-" }],
  [["files"], { directory: "files" }],
  [["--", "--files"], { directory: "--files" }],
  [["007", "-p", "1"], { directory: "007", port: 1 }],
  [["-p", "8080", "~/share", "--delete"], {
    directory: "~/share",
    port: 8080,
    delete: true,
  }],
  [["--delete", "a.b=c"], { directory: "a.b=c", delete: true }],
  [["-H", "::1"], { host: "::1" }],
  [["-h"], { help: true }],
  [["-V"], { version: true }],
  [["--port", "1", "--port=2", "-p", "3"], { port: 3 }],
  [["--directory", "a", "--directory", "b"], { directory: "b" }],
  [["--help", "--help"], { help: true }],
  [["--learn"], { learn: true, xray: true, directory: "./sluice-lessons" }],
  [["--learn", "a"], { learn: true, xray: true, directory: "a" }],
  [["--read-only"], { "read-only": true }],
  [["--upload-only"], { "upload-only": true }],
  [["--no-listing"], { "no-listing": true }],
  [["--port", "0"], { port: 0 }],
  [["--port=65535"], { port: 65_535 }],
  [["--host", "0.0.0.0"], { host: "0.0.0.0" }],
  [["--host", "::1"], { host: "::1" }],
  [["--host", "my-machine.example"], { host: "my-machine.example" }],
  [["--listen", "tcp"], { listen: undefined }],
  [["--listen", "fd:3"], { listen: { descriptor: 3 } }],
  [["--listen", "unix:/run/a b"], {
    listen: { path: "/run/a b", mode: undefined },
  }],
  [["--listen=unix:/run/s,mode=660"], {
    listen: { path: "/run/s", mode: 0o660 },
  }],
  [["--workers", "4"], { workers: 4 }],
  [["--workers=auto"], { workers: "auto" }],
  [["--max-connections", "1"], { "max-connections": 1 }],
  [["--limit-connections", "20"], { "limit-connections": 20 }],
  [["--limit-connections", "off"], { "limit-connections": Infinity }],
  [["--limit-rate=1"], { "limit-rate": 1 }],
  [["--limit-rate=off"], { "limit-rate": Infinity }],
  [["--log-level", "error"], { "log-level": "error" }],
  [["--log-level=debug"], { "log-level": "debug" }],
  [["--proxy-protocol", "--trust-proxy", "10.0.0.0/8"], {
    "proxy-protocol": true,
    "trust-proxy": ["10.0.0.0/8"],
  }],
  [["--max-body", "64k"], { "max-body": 65_536 }],
  [["--max-body", "0"], { "max-body": 0 }],
  [["--max-uploads", "1"], { "max-uploads": 1 }],
  [["--cache", "90s"], { cache: { maxAge: 90, immutable: false } }],
  [["--cache=2h"], { cache: { maxAge: 7200, immutable: false } }],
  [["--cache", "365d,immutable"], {
    cache: { maxAge: 31_536_000, immutable: true },
  }],
  [["--cache", "off"], { cache: undefined }],
  [["--header", "X-A: b", "--header=/a/*.js Cache-Control:no-store "], {
    header: [
      { path: undefined, name: "x-a", value: "b" },
      { path: "/a/*.js", name: "cache-control", value: "no-store" },
    ],
  }],
  [["--cors"], { cors: ["*"] }],
  [["--cors", "folder"], { cors: ["*"], directory: "folder" }],
  [["--cors", "--delete"], { cors: ["*"], delete: true }],
  [["--cors", "*", "--cors", "https://A.example:443/"], {
    cors: ["*", "https://a.example"],
  }],
  [["--cors=http://[::1]:8080"], { cors: ["http://[::1]:8080"] }],
  [["--cors", "chrome-extension://abc"], { cors: ["chrome-extension://abc"] }],
  [["--prefix", "/sub"], { prefix: "/sub" }],
  [["--prefix=/a/b-c_d/"], { prefix: "/a/b-c_d" }],
  [["--prefix", "off"], { prefix: "" }],
  [["--hide", "*.key", "--hide=/private"], { hide: ["*.key", "/private"] }],
  [["--log", "combined"], { log: "combined" }],
  [["--log-file", "a.log"], { "log-file": "a.log" }],
  [["--log-file", "stdout"], { "log-file": undefined }],
  [["--admin", "127.0.0.1:9090"], {
    admin: { hostname: "127.0.0.1", port: 9090 },
  }],
  [["--admin=[::1]:0"], { admin: { hostname: "::1", port: 0 } }],
  [["--admin=localhost:1"], { admin: { hostname: "localhost", port: 1 } }],
  [["--admin", "off"], { admin: undefined }],
  [["--auth", "users"], { auth: "users" }],
  [["--auth", "off"], { auth: undefined }],
  [["--password", "--key-file", "keys"], {
    "password": true,
    "key-file": "keys",
  }],
  [["--password"], { password: true }],
  [["--auth", "users", "--public-read"], {
    auth: "users",
    "public-read": true,
  }],
  [["--tls-cert", "off", "--hsts", "off"], {}],
  [["--tls-cert", "a.crt", "--tls-key", "a.key", "--hsts", "0"], {
    "tls-cert": "a.crt",
    "tls-key": "a.key",
    "hsts": 0,
  }],
  [["--tls-self-signed"], { "tls-self-signed": true }],
  [["--tls-self-signed", "--workers", "2"], {
    "tls-self-signed": true,
    "workers": 2,
  }],
  [["--drain-delay", "0s"], { "drain-delay": 0 }],
  [["--drain-delay", "7s"], { "drain-delay": 7000 }],
  [["--drain-delay", "auto"], { "drain-delay": undefined }],
  [["--max-upload-space", "2g"], { "max-upload-space": 2 ** 31 }],
  [["--max-total", "2000g"], { "max-total": 2000 * 2 ** 30 }],
  [["--max-total", "off"], { "max-total": undefined }],
  [["--keep-free=20m"], { "keep-free": 20 * 2 ** 20 }],
  [["--resource-policy", "same-site"], { "resource-policy": "same-site" }],
  [["--resource-policy=cross-origin"], { "resource-policy": "cross-origin" }],
  [["--idle-timeout", "500ms"], { "idle-timeout": 500 }],
  [["--head-timeout", "1s"], { "head-timeout": 1000 }],
  [["--content-timeout", "2m"], { "content-timeout": 120_000 }],
  [["--write-timeout", "3s"], { "write-timeout": 3000 }],
  [["--shutdown-timeout", "0s"], { "shutdown-timeout": 0 }],
  [["--log", "json"], { log: "json" }],
  [["--log=off", "--port=1"], { log: "off", port: 1 }],
  [["--allow-host", "*"], { "allow-host": ["*"] }],
  [
    ["--allow-host", "Files.Example.org", "--allow-host=192.0.2.1"],
    { "allow-host": ["files.example.org", "192.0.2.1"] },
  ],
  [["--allow-host", "2001:DB8::0:1"], { "allow-host": ["[2001:db8::1]"] }],
  [["--delete", "--index"], { delete: true, index: true }],
  [["--request-id"], { "request-id": true }],
  [["--site"], { site: true }],
  [["--spa"], { spa: true }],
  [["--help"], { help: true }],
  [["--version"], { version: true }],
];
for (const [args, values] of understood) {
  Deno.test(`parseOptions() takes ${JSON.stringify(args)}`, () => {
    assertEquals(parseOptions(args), { ...defaults, ...values });
  });
}

const host = "write a host name or an IP address, such as 127.0.0.1 or ::1";
const port = "write a whole number from 0 to 65535";
const count = "write a whole number of at least 1";
const size = "write a size such as 65536, 64k, 20m or 1g";
const duration = "write a duration such as 500ms, 30s or 2m";

/** Each sentence as a whole: it is what the person at the terminal gets. */
const refused: [args: string[], sentence: string][] = [
  [["--port", "5abc"], `Cannot use --port: got "5abc", ${port}`],
  [["--port", "0x10"], `Cannot use --port: got "0x10", ${port}`],
  [["--port", "1e3"], `Cannot use --port: got "1e3", ${port}`],
  [["--port", " 1"], `Cannot use --port: got " 1", ${port}`],
  [["--port=-5"], `Cannot use --port: got "-5", ${port}`],
  [["--port", "65536"], `Cannot use --port: got "65536", ${port}`],
  [["--host", "[::1]"], `Cannot use --host: got "[::1]", ${host}`],
  [["--host", "a:80"], `Cannot use --host: got "a:80", ${host}`],
  [["--host", "http://a"], `Cannot use --host: got "http://a", ${host}`],
  [["--host", "a..b"], `Cannot use --host: got "a..b", ${host}`],
  [
    ["--host", "a".repeat(64)],
    `Cannot use --host: got "${"a".repeat(64)}", ${host}`,
  ],
  [["--host", "a b"], `Cannot use --host: got "a b", ${host}`],
  [["--host", "999.0.0.1"], `Cannot use --host: got "999.0.0.1", ${host}`],
  ...["unix:s", "unix:/s,mode=999", "unix:/a,b", "fd:2", "fd:", "/s"].map(
    (where): [string[], string] => [
      ["--listen", where],
      `Cannot use --listen: got "${where}", ` +
      "write unix:/a/path, unix:/a/path,mode=660, or fd:3 and up",
    ],
  ),
  [
    ["--listen", "fd:3", "--port", "80"],
    "Cannot use --port: --listen names another place, omit one of them",
  ],
  [
    ["--host", "::", "--listen", "unix:/s"],
    "Cannot use --host: --listen names another place, omit one of them",
  ],
  [
    ["--xray", "--listen", "unix:/s"],
    "Cannot use --xray: it is only for this machine, omit --listen",
  ],
  ...[
    [["--host", "0.0.0.0"], "only for this machine, write --host 127.0.0.1"],
    [["--listen", "unix:/s"], "only for this machine, omit --listen"],
  ].map(([args, why]): [string[], string] => [
    ["--learn", ...args],
    `Cannot use --learn: it is ${why}`,
  ]),
  [
    ["--learn", "--spa"],
    "Cannot use --learn: a site has no page for it, omit --site and --spa",
  ],
  [
    ["--learn", "--cors"],
    "Cannot use --learn: pages of other origins could read it, omit --cors",
  ],
  [
    ["--learn", "--prefix=/a"],
    "Cannot use --learn: its page is not served below a prefix, omit --prefix",
  ],
  [
    ["--learn", "--workers", "2"],
    "Cannot use --learn: it shows the traffic of one process, omit --workers",
  ],
  [
    ["--learn", "--password"],
    "Cannot use --password: X-ray would show passwords, omit --learn",
  ],
  [
    ["--xray", "--cors"],
    "Cannot use --xray: pages of other origins could read it, omit --cors",
  ],
  [
    ["--xray", "--prefix=/a"],
    "Cannot use --xray: its page is not served below a prefix, omit --prefix",
  ],
  [
    ["--max-connections", "0"],
    `Cannot use --max-connections: got "0", ${count}`,
  ],
  [
    ["--max-connections", "9007199254740992"],
    `Cannot use --max-connections: got "9007199254740992", ${count}`,
  ],
  [
    ["--resource-policy", "none"],
    'Cannot use --resource-policy: got "none", ' +
    "write same-origin, same-site or cross-origin",
  ],
  ...["0s", "1h,public", "1y", "immutable"].map((value): [
    string[],
    string,
  ] => [
    ["--cache", value],
    `Cannot use --cache: got "${value}", write a time such as 1h or ` +
    "365d,immutable, or off",
  ]),
  ...["X-A", "X-A:", "X A: b", ": b", "a/* X: y", "X-A: b\r\nX-B: c", "X-A: ☕"]
    .map((value): [string[], string] => [
      ["--header", value],
      `Cannot use --header: got ${JSON.stringify(value)}, write ` +
      "'Name: value', or '/path/* Name: value' for some paths",
    ]),
  ...["Content-Length: 1", "transfer-encoding: x", "/a Content-Type: x/y"].map((
    value,
  ): [string[], string] => [
    ["--header", value],
    `Cannot use --header: got "${value}", choose another field, the server ` +
    "sets this one",
  ]),
  [
    ["--header", "Access-Control-Allow-Origin: *"],
    'Cannot use --header: got "Access-Control-Allow-Origin: *", ' +
    "write --cors instead, which sets all it takes",
  ],
  ...["null", "app.example", "https://a.example/x", "https://u@a.example"].map((
    value,
  ): [string[], string] => [
    [`--cors=${value}`],
    `Cannot use --cors: got "${value}", write an origin such as ` +
    "https://app.example.org, or * to let all read",
  ]),
  [
    ["--cors="],
    "Cannot use --cors: it needs a value, such as --cors " +
    "https://app.example.org",
  ],
  ...["sub", "/", "/a//b", "/..", "//evil"].map((value): [string[], string] => [
    ["--prefix", value],
    `Cannot use --prefix: got "${value}", write a path of letters, digits, - ` +
    "and _, such as /sub, or off",
  ]),
  [
    ["--max-uploads", "0"],
    'Cannot use --max-uploads: got "0", write a whole number of at least 1',
  ],
  [
    ["--max-upload-space", "x"],
    `Cannot use --max-upload-space: got "x", ${size}`,
  ],
  [
    ["--max-total", "all"],
    `Cannot use --max-total: got "all", ${size}, or off`,
  ],
  [["--keep-free", "5%"], `Cannot use --keep-free: got "5%", ${size}, or off`],
  ...["limit-connections", "limit-rate"].flatMap((name) =>
    ["0", "10/s", "1.5", "none"].map((value): [string[], string] => [
      [`--${name}`, value],
      `Cannot use --${name}: got "${value}", ` +
      "write a whole number of at least 1, or off",
    ])
  ),
  [
    ["--log-level", "verbose"],
    'Cannot use --log-level: got "verbose", write error, warn, info or debug',
  ],
  [
    ["--proxy-protocol"],
    "Cannot use --proxy-protocol: say which proxies send the header, " +
    "add --trust-proxy CIDR",
  ],
  [["--max-body", "64kk"], `Cannot use --max-body: got "64kk", ${size}`],
  [
    ["--idle-timeout", "30"],
    `Cannot use --idle-timeout: got "30", add a unit, such as 30s or 30ms`,
  ],
  [
    ["--head-timeout", "1h"],
    `Cannot use --head-timeout: got "1h", ${duration}`,
  ],
  [
    ["--content-timeout", "0s"],
    `Cannot use --content-timeout: got "0s", write at least 1ms`,
  ],
  [
    ["--write-timeout", "x"],
    `Cannot use --write-timeout: got "x", ${duration}`,
  ],
  [
    ["--shutdown-timeout", "9007199254740992ms"],
    `Cannot use --shutdown-timeout: got "9007199254740992ms", ` +
    `write a shorter duration`,
  ],
  ...["0", "x", "1.5", "1025", "Auto"].map((text): [string[], string] => [
    ["--workers", text],
    `Cannot use --workers: got "${text}", ` +
    "write a whole number from 1 to 1024, or auto",
  ]),
  ...["2", "auto"].map((workers): [string[], string] => [
    ["--xray", "--workers", workers],
    "Cannot use --xray: it shows the traffic of one process, omit --workers",
  ]),
  [
    ["--listen", "fd:3", "--workers", "2"],
    "Cannot use --listen: workers share a host and port, omit --workers",
  ],
  [
    ["--tls-cert", "a"],
    "Cannot use --tls-cert: it needs its private key, add --tls-key FILE",
  ],
  [
    ["--tls-key", "a"],
    "Cannot use --tls-key: it needs its certificate, add --tls-cert FILE",
  ],
  [
    ["--tls-cert", "a", "--tls-key", "b", "--tls-self-signed"],
    "Cannot use --tls-self-signed: --tls-cert names a certificate, " +
    "omit one of them",
  ],
  [
    ["--tls-self-signed", "--listen", "unix:/s"],
    "Cannot use --tls-self-signed: TLS is for a host and port, omit --listen",
  ],
  [
    [
      ...["--tls-cert", "a", "--tls-key", "b", "--proxy-protocol"],
      ...["--trust-proxy", "10.0.0.1"],
    ],
    "Cannot use --tls-cert: a PROXY header is not read in front of TLS, " +
    "omit --proxy-protocol",
  ],
  [
    ["--hsts", "1y"],
    'Cannot use --hsts: got "1y", write a whole number of seconds, or off',
  ],
  [
    ["--hsts", "1"],
    "Cannot use --hsts: browsers heed it over TLS only, " +
    "add --tls-cert and --tls-key",
  ],
  [
    ["--hsts", "1", "--tls-self-signed"],
    "Cannot use --hsts: with a certificate that nobody knows it would lock " +
    "browsers out, omit one of them",
  ],
  [
    ["--public-read"],
    "Cannot use --public-read: without users anyone may read, " +
    "add --auth FILE or --password",
  ],
  [
    ["--key-file", "keys"],
    "Cannot use --key-file: without users nothing is signed, " +
    "add --auth FILE or --password",
  ],
  [
    ["--auth", "users", "--password"],
    "Cannot use --password: users have their own, omit --auth",
  ],
  [
    ["--password", "--xray"],
    "Cannot use --password: X-ray would show passwords, omit --xray",
  ],
  [
    ["--auth", "users", "--xray"],
    "Cannot use --auth: X-ray would show passwords, omit --xray",
  ],
  ...["--site", "--spa"].map((site): [string[], string] => [
    ["--auth", "users", site],
    "Cannot use --auth: a site has no users yet, omit --site and --spa",
  ]),
  [
    ["--auth", "users", "--workers", "2"],
    "Cannot use --auth: each worker would count wrong passwords by itself, " +
    "omit --workers",
  ],
  [
    ["--log", "jsn"],
    `Cannot use --log: got "jsn", write text, json, combined or off`,
  ],
  [
    ["--log", "\x1b[2J"],
    String
      .raw`Cannot use --log: got "\u001b[2J", write text, json, combined or off`,
  ],

  ...["http://a.example", "a.example:80", "a.example/b", "*.example", "a b"]
    .map((name): [string[], string] => [
      ["--allow-host", name],
      `Cannot use --allow-host: got "${name}", write only a host name, ` +
      "such as files.example.org, or * for all",
    ]),
  [
    ["--admin"],
    "Cannot use --admin: it needs a value, such as --admin off",
  ],
  ...[
    "9090",
    ":9090",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "127.0.0.1:0x1",
    "::1:9090",
    "[127.0.0.1]:9090",
    "[::1",
    "[x:]:1",
    "http://a:1",
    "a b:1",
  ].map((address): [string[], string] => [
    ["--admin", address],
    `Cannot use --admin: got "${address}", write an address and a port, ` +
    "such as 127.0.0.1:9090, or off",
  ]),
  [
    ["--allow-host", "a", "--allow-host="],
    "Cannot use --allow-host: it needs a value, such as --allow-host localhost",
  ],
  [
    ["--allow-hosts", "a"],
    'Cannot use "--allow-hosts": there is no such ' +
    "option, did you mean --allow-host?",
  ],
  [["--port"], "Cannot use --port: it needs a value, such as --port 4221"],
  [["--port="], "Cannot use --port: it needs a value, such as --port 4221"],
  [["--port", ""], "Cannot use --port: it needs a value, such as --port 4221"],
  [
    ["--port", "-5"],
    "Cannot use --port: it needs a value, such as --port 4221",
  ],
  [
    ["--directory", "--port", "1"],
    "Cannot use --directory: it needs a value, such as --directory ./public",
  ],
  [["-p"], "Cannot use --port: it needs a value, such as --port 4221"],
  [["-p", "x"], `Cannot use --port: got "x", ${port}`],
  ...([
    ["read-only", "upload-only"],
    ["read-only", "delete"],
    ["upload-only", "delete"],
    ["upload-only", "index"],
    ["upload-only", "site"],
    ["upload-only", "spa"],
    ["upload-only", "xray"],
    ["no-listing", "xray"],
    ["read-only", "learn"],
    ["upload-only", "learn"],
    ["no-listing", "learn"],
  ].map(([name, contrary]): [string[], string] => [
    [`--${contrary}`, `--${name}`],
    `Cannot use --${name}: --${contrary} says otherwise, omit one of them`,
  ])),
  [
    ["--no-listing=no"],
    "Cannot use --no-listing: it takes no value, write --no-listing",
  ],
  [["--help=no"], "Cannot use --help: it takes no value, write --help"],
  [["--help", "false"], "Cannot use --help: it takes no value, write --help"],
  [["--version=1"], "Cannot use --version: it takes no value, write --version"],

  ...([
    ["--prot", "port"],
    ["--lgo", "log"],
    ["--Port", "port"],
    ["-port", "port"],
    ["---port", "port"],
    ["-d", "directory"],
    ["-v", "version"],
    ["--no-log", "log off"],
    ["--dir", "directory"],
    ["--maxbody", "max-body"],
    ["--max_body", "max-body"],
    ["--idle", "idle-timeout"],
    ["--hepl", "help"],
    ["--port.x", "port"],
  ].map(([given, near]): [string[], string] => [
    [given, "1"],
    `Cannot use "${given}": there is no such option, did you mean --${near}?`,
  ])),
  ...([
    "-5",
    "--frobnicate",
    "--__proto__",
    "--constructor",
    "--max",
  ].map(
    (
      given,
    ): [string[], string] => [
      [`${given}=1`],
      `Cannot use "${given}": there is no such option, --help lists them all`,
    ],
  )),
  [
    ["--por\x9b"],
    String
      .raw`Cannot use "--por\u009b": there is no such option, did you mean --port?`,
  ],
  ...([["a", "b"], ["a", "--", "b"], ["a", "--help", "b"]].map((
    args,
  ): [string[], string] => [
    args,
    'Cannot use "b": one folder is served, and it is "a", omit one of them',
  ])),
  [
    ["a", "--directory", "b"],
    'Cannot use "a": --directory names the folder, omit one of them',
  ],
  [[""], 'Cannot use "": it names no folder, write . for the current one'],
];
for (const [args, sentence] of refused) {
  Deno.test(`parseOptions() refuses ${JSON.stringify(args)}`, () => {
    const error = assertThrows(() => parseOptions(args), UsageError);
    assertEquals(error.message, sentence);
    assertEquals(error.exitCode, 2);
  });
}

Deno.test("parseOptions() leaves Object.prototype alone", () => {
  assertThrows(() => parseOptions(["--__proto__.port=1"]), UsageError);
  assertEquals(Object.hasOwn(Object.prototype, "port"), false);
});

Deno.test("helpText() has a line of at most 80 characters for each option", () => {
  const text = helpText("1.2.3");
  assert(text.startsWith("Sluice 1.2.3 "));
  for (const name of Object.keys(defaults)) {
    assert(new RegExp(`\n  (-., )?--${name} `).test(text), name);
  }
  for (const line of text.split("\n")) assert(line.length <= 80, line);
});
