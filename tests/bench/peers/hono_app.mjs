/**
 * An application on Hono, for whichever server.
 *
 * @param {new () => any} Hono The class: where it comes from differs.
 * @returns {{ fetch: (request: Request) => Response | Promise<Response> }}
 */
export function honoApp(Hono) {
  const app = new Hono();
  app.get("/echo/:text", (context) => context.text(context.req.param("text")));
  return app;
}
