/**
 * Reads the fields of a small form, up to a bound. It does not know what they
 * are for, nor what is answered to a client that sends something else.
 *
 * @module
 */

const FORM_TYPE = /^application\/x-www-form-urlencoded *(?:;|$)/i;

/** Whether content is announced as a form. */
export function isForm(headers: Headers): boolean {
  return FORM_TYPE.test(headers.get("content-type") ?? "");
}

/** The fields of a form; undefined if it has more octets than that. */
export async function readForm(
  content: AsyncIterable<Uint8Array> | null,
  most: number,
): Promise<URLSearchParams | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const octets of content ?? []) {
    length += octets.length;
    if (length > most) return undefined;
    text += decoder.decode(octets, { stream: true });
  }
  return new URLSearchParams(text + decoder.decode());
}
