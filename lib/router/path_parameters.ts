/**
 * The names of a pattern's parameters as a type: a handler that uses a
 * parameter the pattern lacks does not compile.
 *
 * @module
 */

/**
 * The parameters of a path such as `/users/:user/notes/:note`: each `:name` is
 * a string, and so is each `*`, counted from `"0"`. A missing one, as `:name?`
 * may be, is empty. Names are not known if the path is not known at compile
 * time, or contains a group in `( )` or `{ }` or a `\`.
 *
 * @typeParam Path The path itself, in the syntax of a URLPattern.
 *
 * @example
 * ```ts
 * import type { PathParameters } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const parameters: PathParameters<"/users/:id/*"> = { id: "1", 0: "a/b" };
 * assertEquals(parameters.id, "1");
 * ```
 */
export type PathParameters<Path extends string> = {
  readonly [Parameter in ParameterOf<Path> as Parameter[0]]: Parameter[1];
};

/**
 * A union of `[name, type]`.
 *
 * @internal
 */
export type ParameterOf<Path extends string> = string extends Path
  ? [string, string | undefined]
  : Path extends `${string}${"(" | "{" | "\\"}${string}`
    ? [string, string | undefined]
  : Found<Path>;

/** The same, for a text without groups and escapes. */
type Found<Text extends string, Wildcards extends unknown[] = []> = Text extends
  `:${infer Rest}` ? Named<TakeName<Rest>[0], TakeName<Rest>[1], Wildcards>
  : Text extends `*${infer Rest}` ?
      | [`${Wildcards["length"]}`, string]
      | Found<AfterModifier<Rest>, [...Wildcards, unknown]>
  : Text extends `${string}${infer Rest}` ? Found<Rest, Wildcards>
  : never;

type Named<
  Name extends string,
  Rest extends string,
  Wildcards extends unknown[],
> = [Name, string] | Found<AfterModifier<Rest>, Wildcards>;

type AfterModifier<Rest extends string> = Rest extends
  `${"?" | "*" | "+"}${infer After}` ? After : Rest;

/** Splits the text into the name at its start and the rest. */
type TakeName<Text extends string, Name extends string = ""> = Text extends
  `${infer First}${infer Rest}`
  ? First extends NameEnd ? [Name, Text] : TakeName<Rest, `${Name}${First}`>
  : [Name, ""];

/** The ASCII characters that no name contains. */
// deno-fmt-ignore
type NameEnd =
  | "/" | "." | "-" | "~" | ":" | "*" | "?" | "+" | "," | ";" | "=" | "@"
  | "!" | "&" | "'" | "%" | " " | "|" | "#" | "[" | "]" | "<" | ">" | "^"
  | '"' | "`" | "}" | ")";
