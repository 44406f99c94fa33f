/**
 * Writes paths so that two of them are equal if some file system takes them for
 * one: it may ignore case, and compose characters.
 *
 * @module
 */

/** The same for all spellings that some file system takes for one name. */
export function fold(path: string): string {
  // Both cases: the long s and the Kelvin sign change in one of them only.
  return path.replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}
