/**
 * An application on Hono that uses much of it, for whichever server.
 *
 * @module
 */

import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { stream, streamSSE, streamText } from "hono/streaming";

/** The application. */
export const app: Hono = new Hono();

app.use("/cors/*", cors({ origin: "https://example.com" }));
app.use("/private/*", basicAuth({ username: "me", password: "secret" }));
app.use("/etag/*", etag());
app.use("/limited/*", bodyLimit({ maxSize: 10 }));
app.use("/timed/*", async (context, next) => {
  await next();
  context.header("x-after", "yes");
});

app.get("/", (context) => context.text("root"));
app.get(
  "/users/:id",
  (context) => context.json({ id: context.req.param("id") }),
);
app.get(
  "/files/:path{.+}",
  (context) => context.text(context.req.param("path")),
);
app.get("/query", (context) => context.json(context.req.queries()));
app.get(
  "/headers",
  (context) => context.text(context.req.header("x-a") ?? "none"),
);
app.get("/cookie", (context) => {
  setCookie(context, "a", "1", { path: "/", httpOnly: true });
  setCookie(context, "b", "2");
  return context.text(getCookie(context, "c") ?? "none");
});
app.post("/json", async (context) => context.json(await context.req.json()));
app.post("/text", async (context) => context.text(await context.req.text()));
app.post("/form", async (context) => {
  const form = await context.req.parseBody({ all: true });
  return context.json(
    Object.fromEntries(
      await Promise.all(
        Object.entries(form).map(async ([name, value]) => [
          name,
          value instanceof File
            ? [value.name, value.type, await value.text()]
            : value,
        ]),
      ),
    ),
  );
});
app.post(
  "/limited/text",
  async (context) => context.text(await context.req.text()),
);
app.put("/method", (context) => context.text("put"));
app.delete("/method", (context) => context.body(null, 204));
app.patch("/method", (context) => context.text("patched", 202));
app.get("/redirect", (context) => context.redirect("/users/1", 303));
app.get("/html", (context) => context.html("<p>hello"));
app.get("/stream", (context) =>
  stream(context, async (out) => {
    for (const part of ["one ", "two ", "three"]) {
      await out.write(new TextEncoder().encode(part));
    }
  }));
app.get("/stream-text", (context) =>
  streamText(context, async (out) => {
    await out.writeln("line");
    await out.write("end");
  }));
app.get("/events", (context) =>
  streamSSE(context, async (out) => {
    for (const data of ["a", "b"]) {
      await out.writeSSE({ data, event: "letter" });
    }
  }));
app.get("/cors/a", (context) => context.text("open"));
app.get("/private/a", (context) => context.text("private"));
app.get("/etag/a", (context) => context.text("tagged"));
app.get("/timed/a", (context) => context.text("timed"));
app.get("/error", () => {
  throw new Error("secret detail");
});
app.get("/refused", () => {
  throw new HTTPException(418, { message: "Tea" });
});
app.onError((error) =>
  error instanceof HTTPException
    ? error.getResponse()
    : new Response("failed", { status: 500 })
);
