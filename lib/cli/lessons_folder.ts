/**
 * Makes the folder that lessons play in, with the one file that they ask for.
 * What is there already stays as it is.
 *
 * @module
 */

import { quoted, reasonOf, StartError } from "./messages.ts";
import { obtain } from "./permissions.ts";

/** Makes the folder; throws a StartError that says what to change. */
export async function prepareFolder(path: string): Promise<void> {
  const action = `Cannot use ${quoted(path)} for lessons`;
  const advice = [
    await obtain({ name: "read", path }),
    await obtain({ name: "write", path }),
  ].filter((each) => each !== undefined);
  if (advice.length > 0) {
    throw new StartError(`${action}: not allowed, ${advice.join(", ")}`);
  }
  try {
    await Deno.mkdir(path, { recursive: true });
    await Deno.writeTextFile(`${path}/tea.txt`, tea, { createNew: true });
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) return;
    throw new StartError(
      `${action}: ${reasonOf(cause)}, choose another with --directory`,
      { cause },
    );
  }
}

/** Long enough for gzip to be worth its while. */
const tea = `Green tea

Fill the kettle with fresh water, and let it boil. Then wait: the water should
cool for five minutes, for water that boils makes green tea bitter.

Put one spoon of leaves for each cup into the pot, and pour the water over the
leaves. Green tea needs two minutes, and not more than three.

Pour the tea into the cups through a sieve. The same leaves are good for a
second pot, and some say that the second pot is better than the first.

Now drink your tea.
`;
