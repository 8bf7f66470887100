import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compare } from './compare/compare.ts';
import { LabwireSide } from './labwire/labwire-side.ts';
import { observe } from './model/side.ts';
import { type Recording, recalled } from './recording.ts';

const FOLDER = fileURLToPath(new URL('recordings', import.meta.url));
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

describe('what the fuzzer has found stays mended', () => {
  it.each(FILES)('%s', async (file) => {
    const recording = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Recording;
    const labwire = await observe(new LabwireSide(), recording.test);
    expect(compare(recording.test, recalled(recording), labwire)?.text).toBeUndefined();
  });
});
