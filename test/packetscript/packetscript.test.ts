import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from 'vitest';
import { ScriptRun } from './run.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'scripts');
const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.pkt'))
  .sort();

it.each(scripts)('%s', (name) => {
  new ScriptRun().run(readFileSync(join(folder, name), 'utf8'));
});
