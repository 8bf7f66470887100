import type { Program } from '../machine/index.ts';
import { md5, sha1, sha256, sha512 } from './hashes.ts';
import { linesOf, readInput, readInputText } from './input.ts';
import { eachFile, ToolError, tool } from './tool.ts';

function digestTool(name: string, digest: (data: Uint8Array) => string): Program {
  return tool(
    {
      name,
      letters: 'cbtwz',
      longs: { check: 'c', binary: 'b', text: 't', quiet: 'q', status: 'status' },
    },
    async (proc, options, operands) => {
      const files = operands.length > 0 ? operands : ['-'];
      if (!options.has('c'))
        return eachFile(proc, name, files, async (file) => {
          await proc.out(`${digest(await readInput(proc, file))}  ${file}\n`);
        });
      let failed = 0;
      for (const list of files)
        for (const line of linesOf(await readInputText(proc, list))) {
          const m = /^([0-9a-f]+)[ *]{2}(.*)$/.exec(line);
          if (m === null) continue;
          const same = digest(await readInput(proc, m[2] as string)) === m[1];
          if (!same) failed++;
          if (!options.has('status')) await proc.out(`${m[2]}: ${same ? 'OK' : 'FAILED'}\n`);
        }
      if (failed > 0)
        await proc.err(
          `${name}: WARNING: ${failed} computed checksum${failed > 1 ? 's' : ''} did NOT match\n`,
        );
      return Number(failed > 0);
    },
  );
}

export const md5sum: Program = digestTool('md5sum', md5);
export const sha1sum: Program = digestTool('sha1sum', sha1);
export const sha256sum: Program = digestTool('sha256sum', sha256);
export const sha512sum: Program = digestTool('sha512sum', sha512);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** base64(1). */
export const base64: Program = tool(
  { name: 'base64', letters: 'diw:', longs: { decode: 'd', 'ignore-garbage': 'i', 'wrap=': 'w' } },
  async (proc, options, operands) => {
    const file = operands[0] ?? '-';
    if (options.has('d')) {
      const bytes = decode((await readInputText(proc, file)).replace(/\s/g, ''));
      if (bytes === undefined) throw new ToolError('invalid input');
      await proc.write(1, bytes);
      return 0;
    }
    const text = encode(await readInput(proc, file));
    const width = Number(options.value('w') ?? 76);
    const lines = width === 0 ? [text] : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
    await proc.out(lines.join('\n') + (width === 0 || text === '' ? '' : '\n'));
    return 0;
  },
);

function encode(data: Uint8Array): string {
  let out = '';
  for (let i = 0; i < data.length; i += 3) {
    const [a = 0, b, c] = [data[i], data[i + 1], data[i + 2]];
    const n = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += (ALPHABET[n >> 18] as string) + (ALPHABET[(n >> 12) & 63] as string);
    out += b === undefined ? '=' : (ALPHABET[(n >> 6) & 63] as string);
    out += c === undefined ? '=' : (ALPHABET[n & 63] as string);
  }
  return out;
}

function decode(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const out: number[] = [];
  for (let i = 0; i < text.length; i += 4) {
    const chunk = text.slice(i, i + 4);
    const n = [...chunk].reduce((sum, c) => (sum << 6) | Math.max(0, ALPHABET.indexOf(c)), 0);
    out.push((n >> 16) & 255);
    if (chunk[2] !== '=') out.push((n >> 8) & 255);
    if (chunk[3] !== '=') out.push(n & 255);
  }
  return Uint8Array.from(out);
}
