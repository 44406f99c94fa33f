// Formats the kind, size, time and link of a file for a page. The server makes
// the first rows with these functions, the browser all others.

import { locale } from "./words.js";

/**
 * The shown properties of a file or directory.
 *
 * @typedef {object} ShownEntry
 * @property {string} name
 * @property {"file" | "directory"} type
 * @property {number} [size] octets
 * @property {string} [modified] RFC 3339
 * @property {string} [etag]
 */

/** @type {Record<string, string>} */
const extensions = {
  archive: "zip gz tgz tar bz2 xz zst br 7z rar",
  audio: "mp3 ogg oga opus wav flac m4a aac",
  code:
    "js mjs ts tsx jsx css html htm xml rs go py rb c h cc cpp java sh sql wasm",
  document: "pdf doc docx odt ods odp xls xlsx ppt pptx epub",
  image: "png jpg jpeg gif webp avif svg ico bmp",
  text: "txt md markdown csv tsv log json jsonl yaml yml toml ini conf srt vtt",
  video: "mp4 webm mkv mov m4v ogv",
};

/** @type {Map<string, string>} */
const kinds = new Map(
  Object.entries(extensions).flatMap(([kind, names]) =>
    names.split(" ").map((name) => [name, kind])
  ),
);

/**
 * The kind of a file, judged by its name; it selects an icon.
 *
 * @param {Pick<ShownEntry, "name" | "type">} entry
 * @returns {string}
 */
export function kindOf({ name, type }) {
  if (type === "directory") return "directory";
  const [, extension = ""] = /\.([^.]+)$/.exec(name) ?? [];
  return kinds.get(extension.toLowerCase()) ?? "file";
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/**
 * @param {number | undefined} octets
 * @returns {string} such as `1.4 MiB`
 */
export function formatSize(octets) {
  if (octets === undefined) return "";
  let value = octets;
  let unit = 0;
  for (; value >= 1023.95 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : decimal.format(value)} ${units[unit]}`;
}

const decimal = new Intl.NumberFormat(locale, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  useGrouping: false,
});

/**
 * Returns a function that formats times.
 *
 * @param {string} [timeZone] default: the user's, and as the user writes times
 * @returns {(time: string | undefined) => string} RFC 3339 in, such as
 * `2026-11-23 15:25` out
 */
export function timeFormat(timeZone) {
  /** @type {Intl.DateTimeFormat | undefined} */
  let format;
  return (time) => {
    if (time === undefined) return "";
    // Swedish dates are understood everywhere. Creating a format takes longer
    // than all its uses, so there is only one, created on first use.
    format ??= new Intl.DateTimeFormat(timeZone ? "sv-SE" : locale, {
      dateStyle: timeZone ? "short" : "medium",
      timeStyle: "short",
      timeZone,
    });
    return format.format(new Date(time));
  };
}

/**
 * The URL of an entry, relative to its directory.
 *
 * @param {Pick<ShownEntry, "name" | "type">} entry
 * @returns {string}
 */
export function hrefOf({ name, type }) {
  // Without `./`, a name with a colon would be a scheme.
  return `./${encodeURIComponent(name)}${type === "directory" ? "/" : ""}`;
}

/**
 * The sort key of a name, the same as on the server.
 *
 * @param {string} name
 * @returns {string}
 */
export function nameKey(name) {
  const folded = name.toLowerCase().replace(/\d+/g, (digits) => {
    const significant = digits.replace(/^0+/, "");
    return `0${String.fromCharCode(significant.length)}${significant}`;
  });
  return `${folded}\0${name}`;
}
