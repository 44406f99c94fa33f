/** What a lookup costs, by how many routes there are, and below a parameter. */

import { mount, on, route } from "../../lib/router/mod.ts";
import { localInfo } from "../support/local_info.ts";

for (const count of [10, 100, 1000]) {
  const handler = route(
    Array.from(
      { length: count },
      (_, at) => on("GET", `/api/resource${at}/:id`, () => new Response()),
    ),
  );
  const request = new Request(`http://localhost/api/resource${count - 1}/7`);
  Deno.bench(`the last of ${count} routes`, { group: "its own" }, () => {
    handler(request, localInfo);
  });
}

for (const count of [10, 100, 1000]) {
  const below = Array.from(
    { length: count },
    (_, at) => on("GET", `/resource${at}/:id`, () => new Response()),
  );
  const handler = route(mount("/orgs/:org", below));
  const request = new Request(`http://localhost/orgs/a/resource${count - 1}/7`);
  Deno.bench(`the last of ${count} routes`, { group: "mounted" }, () => {
    handler(request, localInfo);
  });
}
