import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Lab, loadLab } from '@labwire/scenarios/lab';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A file or folder of material that lies beside the checkout. @returns undefined, after saying so, if it is not there */
export function shared(path: string): string | undefined {
  const found = here(`../../../shared/${path}`);
  if (existsSync(found)) return found;
  console.log(`skipped: no ../shared/${path}`);
  return undefined;
}

const LABS = '../../packages/scenarios/labs/';

/** The names of the labs that come with Labwire. */
export function builtInLabNames(): string[] {
  return readdirSync(here(LABS))
    .filter((f) => f.endsWith('.md'))
    .map((f) => f.replace(/\.md$/, ''));
}

/** A lab that comes with Labwire. */
export function builtInLab(name: string): Lab {
  return readLab(here(`${LABS}${name}.md`));
}

/** A lab of a file, with an overlay's file if there is one. */
export function readLab(file: string, overlay?: string): Lab {
  const read = (path: string) => ({ file: path, text: readFileSync(path, 'utf8') });
  return loadLab(read(file), overlay === undefined ? undefined : read(overlay));
}
