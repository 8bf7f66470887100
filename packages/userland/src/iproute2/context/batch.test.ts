import { expect, it } from 'vitest';
import { parseBatch } from './batch.ts';

it('joins continued lines, drops comments, keeps quoted words together, counts lines', () => {
  const text = 'link add \\\n v0 # new\n\n# nothing\naddr add "a b" \'c\'\n';
  expect(parseBatch(text)).toEqual([
    { words: ['link', 'add', 'v0'], line: 2 },
    { words: ['addr', 'add', 'a b', 'c'], line: 5 },
  ]);
});

it('refuses a quote that is never closed', () => {
  expect(() => parseBatch('link set "v0\n')).toThrow(/exit 1/);
});
