import { utf8Decode } from '@labwire/core/bytes';
import { LineReader } from '../coreutils/index.ts';
import type { Process } from '../machine/index.ts';
import { awkRegExp } from './lex.ts';
import { splitByRegExp } from './record.ts';

/** The lines of a descriptor, one by one. */
export function lineSource(proc: Process, fd: number): () => Promise<string | undefined> {
  const reader = new LineReader(proc, fd);
  return () => reader.next();
}

/** Records by another separator: an empty one means paragraphs. */
export async function recordSource(
  proc: Process,
  fd: number,
  rs: string,
): Promise<() => Promise<string | undefined>> {
  let text = '';
  for (;;) {
    const data = await proc.read(fd);
    if (data.length === 0) break;
    text += utf8Decode(data);
  }
  const records =
    rs === ''
      ? text.replace(/^\n+|\n+$/g, '').split(/\n{2,}/)
      : rs.length === 1
        ? text.replace(/\n$/, '').split(rs)
        : splitByRegExp(text.replace(/\n$/, ''), awkRegExp(rs));
  if (records.at(-1) === '') records.pop();
  return () => Promise.resolve(records.shift());
}
