import { readFileSync, statSync } from 'node:fs';
import { LabError, type LabText, MAX_LAB_LENGTH } from '@labwire/scenarios/lab';

/** What is read, for errors. */
interface Wanted {
  readonly what: string;
  /** What to do if it is something else. */
  readonly mend: string;
}

const LAB: Wanted = { what: 'lab', mend: 'name a Markdown document in UTF-8' };

/**
 * Reads a document or overlay, or another text.
 * @throws LabError if it is missing, no file, too large, or no text
 */
export function readLabFile(file: string, wanted: Wanted = LAB): LabText {
  const size = fileSize(file, wanted);
  if (size > MAX_LAB_LENGTH) {
    const megabytes = `${(size / 1e6).toFixed(1)} MB are too much for a ${wanted.what}`;
    throw new LabError(
      file,
      undefined,
      megabytes,
      `at most ${MAX_LAB_LENGTH / 1e6} MB can be read`,
    );
  }
  return { file, text: decode(file, read(file), wanted) };
}

function fileSize(file: string, { mend }: Wanted): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new LabError(file, undefined, 'there is no such file', 'check the path');
  if (stat.isDirectory())
    throw new LabError(file, undefined, 'this is a directory', 'name a file in it');
  if (!stat.isFile() && !stat.isFIFO())
    throw new LabError(file, undefined, 'this is no regular file', mend);
  return stat.size;
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (e) {
    const why = (e as NodeJS.ErrnoException).code ?? 'an error';
    throw new LabError(file, undefined, `it can't be read: ${why}`, 'check its permissions');
  }
}

function decode(file: string, bytes: Uint8Array, { what, mend }: Wanted): string {
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw new LabError(file, lineAt(bytes, nul), `a binary file is no ${what}`, mend);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LabError(file, badLine(bytes), 'this is no UTF-8', mend);
  }
}

function lineAt(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) if (bytes[i] === 0x0a) line++;
  return line;
}

/** The first line that does not decode. */
function badLine(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
}
