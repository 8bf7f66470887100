import { readFileSync, statSync } from 'node:fs';
import { LabError, type LabText, MAX_LAB_LENGTH } from '@labwire/scenarios/lab';

const MEND = 'name a Markdown document in UTF-8';

/**
 * Reads a document or overlay.
 * @throws LabError if it is missing, no file, too large, or no text
 */
export function readLabFile(file: string): LabText {
  const size = fileSize(file);
  if (size > MAX_LAB_LENGTH) {
    const megabytes = `${(size / 1e6).toFixed(1)} MB are too much for a lab`;
    throw new LabError(
      file,
      undefined,
      megabytes,
      `at most ${MAX_LAB_LENGTH / 1e6} MB can be read`,
    );
  }
  return { file, text: decode(file, read(file)) };
}

function fileSize(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new LabError(file, undefined, 'there is no such file', 'check the path');
  if (stat.isDirectory())
    throw new LabError(file, undefined, 'this is a directory', 'name a file in it');
  if (!stat.isFile() && !stat.isFIFO())
    throw new LabError(file, undefined, 'this is no regular file', MEND);
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

function decode(file: string, bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw new LabError(file, lineAt(bytes, nul), 'a binary file is no lab', MEND);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LabError(file, badLine(bytes), 'this is no UTF-8', MEND);
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
