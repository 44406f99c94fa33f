/** What a lookup costs, by how many routes there are. */

import { on, route } from "../../mod.ts";
import { localInfo } from "../handlers/local_info.ts";

for (const count of [10, 100, 1000]) {
  const handler = route(
    Array.from(
      { length: count },
      (_, at) => on("GET", `/api/resource${at}/:id`, () => new Response()),
    ),
  );
  const request = new Request(`http://localhost/api/resource${count - 1}/7`);
  Deno.bench(`the last of ${count} routes`, () => {
    handler(request, localInfo);
  });
}
