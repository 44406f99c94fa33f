/**
 * deploy/kubernetes.yaml against the schemas of Kubernetes, and its types: these
 * find a field that there is not, which the schemas let pass.
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Deployment } from "kubernetes-models/apps/v1";
import { PersistentVolumeClaim, Service } from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";

// deno-lint-ignore no-explicit-any -- a document may be anything
const models: Record<string, new (document: any) => { validate(): void }> = {
  Deployment,
  PersistentVolumeClaim,
  Service,
};

const text = await Deno.readTextFile(
  new URL("../../deploy/kubernetes.yaml", import.meta.url),
);
const documents = parseAllDocuments(text).map((document) => document.toJS());

Deno.test("kubernetes.yaml follows the schemas", () => {
  assertEquals(documents.length, 3);
  for (const document of documents) {
    new models[document.kind](document).validate();
  }
});

/** A program that only compiles if the types take all documents but the last. */
function typed(wrong: Record<string, unknown>): string {
  const lines = documents.map((document, at) =>
    `const document${at}: I${document.kind} = ${JSON.stringify(document)};`
  );
  return `import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IService } from "kubernetes-models/v1/Service";
${lines.join("\n")}
// @ts-expect-error: or nothing would be checked
const wrong: IDeployment = ${JSON.stringify(wrong)};
`;
}

Deno.test("kubernetes.yaml has no field that there is not", async () => {
  const wrong = structuredClone(
    documents.find(({ kind }) => kind === "Deployment"),
  );
  wrong.spec.template.spec.containers[0].livenessprobe = {};
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/document.ts`, typed(wrong));
    const config = fromFileUrl(new URL("deno.json", import.meta.url));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", config, `${folder}/document.ts`],
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an instance has the time to drain and to finish", () => {
  const [{ spec }] = documents.filter(({ kind }) => kind === "Deployment");
  const { terminationGracePeriodSeconds, containers: [container] } =
    spec.template.spec;
  const seconds = (name: string) =>
    Number(
      container.args.find((each: string) => each.startsWith(`--${name}=`))
        .replace(/\D/g, ""),
    );
  const needed = container.lifecycle.preStop.sleep.seconds +
    seconds("drain-delay") + seconds("shutdown-timeout");
  assert(terminationGracePeriodSeconds > needed);
});
