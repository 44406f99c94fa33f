/**
 * The files that are served, made anew for each run.
 *
 * @module
 */

/** Octets that repeat only after a while, so that no zeros are special. */
function octetsOfSize(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, at) => at * 31 + (at >> 8));
}

/** A file to ask for, and what comes. */
export const smallFile = {
  path: "/files/small.bin",
  content: octetsOfSize(4096),
};

const mebibyte = octetsOfSize(2 ** 20);

/** A file too large to send at once. */
export const largeFile = {
  path: "/files/large.bin",
  size: 256 * mebibyte.length,
};

/** Makes a site; it is removed when it is disposed of. */
export async function makeSite(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${path}/files`);
  await Deno.writeFile(`${path}${smallFile.path}`, smallFile.content);
  using file = await Deno.create(`${path}${largeFile.path}`);
  for (let at = 0; at < largeFile.size; at += mebibyte.length) {
    await writeAll(file, mebibyte);
  }
  await file.sync();
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}

/** A write may take a part. */
async function writeAll(file: Deno.FsFile, octets: Uint8Array): Promise<void> {
  let at = 0;
  while (at < octets.length) at += await file.write(octets.subarray(at));
}
