import type { BodyFraming } from './head.ts';
import type { StreamReader } from './stream-reader.ts';

const PIECE = 16_384;

/** How a body ended: whole, cut off, or with a chunk header that is none. */
export type BodyEnd =
  | { readonly kind: 'whole' }
  /** `missing` bytes were still to come; undefined where that is not known. */
  | { readonly kind: 'cut'; readonly missing: number | undefined }
  | { readonly kind: 'malformed' };

/** Gets each piece of a body. */
export type BodySink = (piece: Uint8Array) => Promise<void>;

const WHOLE: BodyEnd = { kind: 'whole' };

/** Reads a body to its end. @throws ReadTimeout, KernelError, and what `sink` throws */
export async function readBody(
  reader: StreamReader,
  framing: BodyFraming,
  sink: BodySink,
): Promise<BodyEnd> {
  switch (framing.kind) {
    case 'none':
      return WHOLE;
    case 'length':
      return readCounted(reader, framing.length, sink);
    case 'chunked':
      return readChunked(reader, sink);
    case 'close':
      for (;;) {
        const piece = await reader.some(PIECE);
        if (piece.length === 0) return WHOLE;
        await sink(piece);
      }
  }
}

async function readCounted(reader: StreamReader, length: number, sink: BodySink): Promise<BodyEnd> {
  for (let left = length; left > 0; ) {
    const piece = await reader.some(Math.min(left, PIECE));
    if (piece.length === 0) return { kind: 'cut', missing: left };
    left -= piece.length;
    await sink(piece);
  }
  return WHOLE;
}

/** RFC 9112 section 7.1 */
async function readChunked(reader: StreamReader, sink: BodySink): Promise<BodyEnd> {
  for (;;) {
    const line = await reader.line();
    if (line === undefined) return { kind: 'cut', missing: undefined };
    const m = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line);
    if (m === null) return { kind: 'malformed' };
    const size = Number.parseInt(m[1] as string, 16);
    if (size === 0) return readTrailer(reader);
    const end = await readCounted(reader, size, sink);
    if (end.kind !== 'whole') return { kind: 'cut', missing: undefined };
    if ((await reader.line()) !== '') return { kind: 'malformed' };
  }
}

async function readTrailer(reader: StreamReader): Promise<BodyEnd> {
  for (;;) {
    const line = await reader.line();
    if (line === undefined) return { kind: 'cut', missing: undefined };
    if (line === '') return WHOLE;
  }
}
