/** The codes of an address, read by another library than the one that draws. */

import { assertEquals } from "@std/assert";
import jsqr from "jsqr";
import { qrCode } from "../../lib/cli/lan_addresses.ts";
import { sharePanel } from "../../lib/page/share_panel.ts";

/** Its types say that it is a module; what is imported is the function. */
const readCode = jsqr as unknown as typeof jsqr.default;

/** Pixels of a module. */
const SCALE = 5;

const urls = [
  "http://192.168.1.23:4221/",
  "http://10.0.0.1:80/",
  "http://[fd12:3456:789a:1:2:3:4:5]:65535/",
];

/** What a camera sees of a matrix, in which true is dark. */
function read(modules: boolean[][]): string | undefined {
  const size = modules[0].length * SCALE;
  const height = modules.length * SCALE;
  const pixels = new Uint8ClampedArray(size * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      if (!modules[Math.floor(y / SCALE)][Math.floor(x / SCALE)]) continue;
      pixels.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
    }
  }
  return readCode(pixels, size, height)?.data;
}

/** Each character is two modules, one above the other; a block is light. */
function modulesOfText(text: string): boolean[][] {
  return text.split("\n").flatMap((line) => {
    const characters = [...line];
    return [
      characters.map((each) => each !== "█" && each !== "▀"),
      characters.map((each) => each !== "█" && each !== "▄"),
    ];
  });
}

/** Squares of a path, `M x,y h n v n h -n z`, on a white ground. */
function modulesOfSvg(svg: string): boolean[][] {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!;
  const ground = /<rect fill="white" width="(\d+)"/.exec(svg)!;
  assertEquals(ground[1], width);
  const [, path] = /<path fill="black" d="([^"]+)"/.exec(svg)!;
  const squares = [...path.matchAll(/M(\d+),(\d+)h(\d+)v(\d+)h-\3z/g)]
    .map((square) => square.slice(1).map(Number));
  assertEquals(
    squares.map(([x, y, w, h]) => `M${x},${y}h${w}v${h}h-${w}z`).join(""),
    path,
  );
  const [[, , pixel]] = squares;
  const modules = Array.from(
    { length: Number(height) / pixel },
    () => Array<boolean>(Number(width) / pixel).fill(false),
  );
  for (const [x, y] of squares) modules[y / pixel][x / pixel] = true;
  return modules;
}

for (const url of urls) {
  Deno.test(`the code of ${url} on a terminal`, async () => {
    assertEquals(read(modulesOfText(await qrCode(url))), url);
  });

  Deno.test(`the code of ${url} on a page`, () => {
    const page = sharePanel([url, "http://192.0.2.1/"]).toString();
    assertEquals(read(modulesOfSvg(page)), url);
  });
}
