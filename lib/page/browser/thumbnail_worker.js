// Makes thumbnails in a thread of its own, and keeps them in IndexedDB, which a
// page over plain HTTP has as well. Each is kept under the URL of its picture,
// with the entity tag of what it was made of.

/** The longer side (px). */
const SIDE = 320;
/** How many are kept. */
const MOST_KEPT = 4000;
/** Pictures of more pixels than that are not decoded: they fill the memory. */
const MOST_PIXELS = 100_000_000;
/** Octets in which a picture must say how many it has. */
const MOST_HEAD = 1024 * 1024;

onmessage = async ({ data: { id, url, version } }) => {
  const bitmap = await thumbnail(url, version).catch(() => undefined);
  postMessage({ id, bitmap }, { transfer: bitmap ? [bitmap] : [] });
};

/**
 * @param {string} url
 * @param {string} version
 * @returns {Promise<ImageBitmap | undefined>}
 */
async function thumbnail(url, version) {
  const kept = await find(url).catch(() => undefined);
  if (kept?.version === version) return await createImageBitmap(kept.blob);
  const response = await fetch(url, { priority: "low" });
  if (!response.ok) return undefined;
  const original = await response.blob();
  if (await pixelsOf(original) > MOST_PIXELS) return undefined;
  const whole = await createImageBitmap(original);
  const scale = Math.min(1, SIDE / Math.max(whole.width, whole.height));
  const width = Math.max(1, Math.round(whole.width * scale));
  const height = Math.max(1, Math.round(whole.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, width, height);
  whole.close();
  const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
  keep({ url, version, blob, at: Date.now() }).catch(() => {
    // Without storage, it is made again.
  });
  return canvas.transferToImageBitmap();
}

/**
 * The pixels that a picture says it has, where that is easily seen: a small
 * file can claim many.
 *
 * @param {Blob} blob
 */
async function pixelsOf(blob) {
  const view = new DataView(await blob.slice(0, MOST_HEAD).arrayBuffer());
  if (view.byteLength < 32) return 0;
  const magic = view.getUint32(0);
  if (magic === 0x89504e47) return view.getUint32(16) * view.getUint32(20);
  if (magic === 0x47494638) {
    return view.getUint16(6, true) * view.getUint16(8, true);
  }
  if (view.getUint16(0) === 0x424d) {
    return Math.abs(view.getInt32(18, true) * view.getInt32(22, true));
  }
  if (magic === 0x52494646) return pixelsOfWebp(view);
  return view.getUint16(0) === 0xffd8 ? pixelsOfJpeg(view) : 0;
}

/** @param {DataView} view */
function pixelsOfWebp(view) {
  const kind = view.getUint32(12);
  // "VP8X", "VP8L" and "VP8 ".
  if (kind === 0x56503858) {
    const three = (/** @type {number} */ at) =>
      view.getUint32(at, true) % 0x1000000 + 1;
    return three(24) * three(27);
  }
  if (kind === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return ((bits & 0x3fff) + 1) * ((bits >>> 14 & 0x3fff) + 1);
  }
  return (view.getUint16(26, true) & 0x3fff) *
    (view.getUint16(28, true) & 0x3fff);
}

/**
 * Goes from segment to segment, up to the one with the size.
 *
 * @param {DataView} view
 */
function pixelsOfJpeg(view) {
  for (let at = 2; at + 9 <= view.byteLength;) {
    const marker = view.getUint16(at);
    if (marker === 0xffff) at++;
    else if (marker < 0xffc0) return Infinity;
    else if (marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return view.getUint16(at + 5) * view.getUint16(at + 7);
    } else at += 2 + view.getUint16(at + 2);
  }
  return Infinity;
}

/**
 * @typedef {{ url: string, version: string, blob: Blob, at: number }} Kept
 */

/** @type {Promise<IDBDatabase> | undefined} */
let database;

function opened() {
  return database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("sluice-thumbnails", 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore("kept", {
        keyPath: "url",
      });
      store.createIndex("at", "at");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} url @returns {Promise<Kept | undefined>} */
async function find(url) {
  const store = (await opened()).transaction("kept").objectStore("kept");
  return await done(store.get(url));
}

/** @param {Kept} one */
async function keep(one) {
  const store = (await opened()).transaction("kept", "readwrite")
    .objectStore("kept");
  await done(store.put(one));
  const extra = await done(store.count()) - MOST_KEPT;
  if (extra <= 0) return;
  // Those that were made first go; some more, so that this is rare.
  const oldest = store.index("at").openCursor();
  let left = extra + 200;
  oldest.onsuccess = () => {
    const cursor = oldest.result;
    if (!cursor || left-- === 0) return;
    cursor.delete();
    cursor.continue();
  };
}
