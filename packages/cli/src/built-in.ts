import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The lab that `labwire` without arguments replays. */
export const FIRST_LAB = 'network-namespace';

/** A lab that comes with Labwire. */
export interface BuiltInLab {
  readonly name: string;
  readonly file: string;
}

/** The labs that come with Labwire, by name. */
export function builtInLabs(): BuiltInLab[] {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@labwire/scenarios/package.json')), 'labs');
  return readdirSync(folder)
    .filter((f) => f.endsWith('.md'))
    .sort()
    .map((f) => ({ name: f.slice(0, -'.md'.length), file: join(folder, f) }));
}

/** The file that a word on the command line means: that of a built-in lab, or the word itself. */
export function labFileOf(word: string): string {
  return builtInLabs().find((l) => l.name === word)?.file ?? word;
}
