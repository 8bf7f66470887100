import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IGNORED: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Packages from the bottom up: each may import those before it. */
const LAYERS = ['core', 'devices', 'userland', 'scenarios', 'attach', 'cli'];
/** Packages that run in a browser unchanged. */
const PURE = LAYERS.slice(0, 4);
/** Lines of a source file at most; files with a reason to be longer are listed with it. */
const MAX_LINES = 600;
const LONGER: Readonly<Record<string, string>> = {};

/** What a pure package has no business with, and where the word is none of that. */
const PLATFORM =
  /(?<![.\w#'"`/-])((Date|setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\s*[.(]|(console|Buffer|process|performance|globalThis)\.(?=\w)|(new )?(TextEncoder|TextDecoder)\()|\bnew Date\b|\bMath\.random\b|from 'node:/;

function files(folder: string, ending: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (IGNORED.has(name)) return [];
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path, ending);
    return name.endsWith(ending) ? [path] : [];
  });
}

/** A source without comments and strings' contents would need a parser; comment lines are enough here. */
function codeLines(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((l) => !/^\s*(\/\/|\/?\*)/.test(l))
    .map((l) => l.replace(/\s\/\/ .*$/, ''));
}

const sources = (pkg: string): string[] => files(join(ROOT, 'packages', pkg, 'src'), '.ts');
const name = (file: string): string => relative(ROOT, file);
const isTest = (file: string): boolean => file.endsWith('.test.ts');

describe('the repository', () => {
  it.each(LAYERS)('lets %s import only packages below it', (pkg) => {
    const allowed = LAYERS.slice(0, LAYERS.indexOf(pkg) + 1);
    const wrong = sources(pkg).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/from '@labwire\/(\w+)/g)]
        .filter((m) => !allowed.includes(m[1] ?? '') || m[1] === pkg)
        .map((m) => `${name(file)} imports @labwire/${m[1]}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each(PURE)('keeps the host platform out of %s', (pkg) => {
    const wrong = sources(pkg)
      .filter((f) => !isTest(f))
      .flatMap((file) =>
        codeLines(file)
          .filter((l) => PLATFORM.test(l))
          .map((l) => `${name(file)}: ${l.trim()}`),
      );
    expect(wrong).toEqual([]);
  });

  it(`has no source file of more than ${MAX_LINES} lines without a reason`, () => {
    const all = [...LAYERS.flatMap(sources), ...files(join(ROOT, 'test'), '.ts')];
    const long = all.filter((f) => readFileSync(f, 'utf8').split('\n').length > MAX_LINES + 1);
    expect(long.map(name).filter((f) => LONGER[f] === undefined)).toEqual([]);
  });

  it('has no default exports', () => {
    const wrong = LAYERS.flatMap(sources).filter((f) =>
      /^export default /m.test(readFileSync(f, 'utf8')),
    );
    expect(wrong.map(name)).toEqual([]);
  });

  it('links only to files that exist', () => {
    const documents = [
      ...['docs', 'packages'].flatMap((d) => files(join(ROOT, d), '.md')),
      ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((f) => join(ROOT, f)),
    ];
    const broken = documents.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map((m) => m[1] ?? '')
        .filter((link) => !existsSync(join(dirname(file), link)))
        .map((link) => `${name(file)}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});
