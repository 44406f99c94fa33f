/**
 * Tells a browser to save an answer under a name. A download of a file and an
 * archive of a directory both do.
 *
 * @module
 */

/**
 * The value of Content-Disposition (RFC 6266 §4): the name in ASCII for the
 * oldest browsers, and in UTF-8 for all others.
 */
export function attachment(name: string): string {
  const plain = name.replace(/[^ !#-$&-[\]-~]/g, "_");
  const utf8 = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${utf8}`;
}
