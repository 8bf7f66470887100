import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Judged, Mutation, Pair } from './mutation.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const HERE = 'test/nat/mutations';
const run = promisify(execFile);

/** What is left out of a copy: the compiled packages, which nothing reads. */
const isWanted = (path: string): boolean => !/\/(dist|\.git)(\/|$)|\.tsbuildinfo$/.test(path);

/** A copy of the packages that can be broken, in a temporary directory. */
export class Scratch {
  readonly #dir = mkdtempSync(join(tmpdir(), 'nat-mutations-'));

  constructor() {
    for (const part of ['packages', HERE, 'package.json'])
      cpSync(join(ROOT, part), join(this.#dir, part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: isWanted,
      });
    symlinkSync(join(ROOT, 'node_modules'), join(this.#dir, 'node_modules'));
  }

  /** How subjects stand to laws there, in the order of `pairs`. */
  async judge(pairs: readonly Pair[], state: 'whole' | 'broken' = 'whole'): Promise<Judged[]> {
    const judge = [`${HERE}/judge.ts`, JSON.stringify(pairs), state];
    const args = ['--import', 'tsx', '--conditions=labwire-source', ...judge];
    const { stdout } = await run(process.execPath, args, { cwd: this.#dir, maxBuffer: 1 << 24 });
    return JSON.parse(stdout) as Judged[];
  }

  /** The same with a mutation, which is taken back. @throws Error if its text is not in the file once */
  async broken(m: Mutation, pairs: readonly Pair[]): Promise<Judged[]> {
    const path = join(this.#dir, m.file);
    const text = readFileSync(path, 'utf8');
    const found = text.split(m.find).length - 1;
    if (found !== 1) throw new Error(`${m.file}: text found ${found} times: ${m.find}`);
    writeFileSync(
      path,
      text.replace(m.find, () => m.replace),
    );
    try {
      return await this.judge(pairs, 'broken');
    } finally {
      writeFileSync(path, text);
    }
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true });
  }
}
