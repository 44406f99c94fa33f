/**
 * Makes pictures for tests.
 *
 * @module
 */

import { crc32, deflateSync } from "node:zlib";

/** A PNG of one color that fades to the right. */
export function png(
  width: number,
  height: number,
  [red, green, blue]: [number, number, number] = [40, 120, 200],
): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(1 + width * 3);
  for (let x = 0; x < width; x++) {
    const part = 1 - x / width / 2;
    line.set([red * part, green * part, blue * part], 1 + x * 3);
  }
  const pixels = new Uint8Array(line.length * height);
  for (let y = 0; y < height; y++) pixels.set(line, y * line.length);
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // Eight bits for each of three colors.
  head.set([8, 2, 0, 0, 0], 8);
  const parts = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", new Uint8Array()),
  ];
  const whole = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const named = new Uint8Array(4 + content.length);
  named.set(new TextEncoder().encode(type));
  named.set(content, 4);
  const whole = new Uint8Array(named.length + 8);
  const view = new DataView(whole.buffer);
  view.setUint32(0, content.length);
  whole.set(named, 4);
  view.setUint32(whole.length - 4, crc32(named));
  return whole;
}
