import type { SctpChunks } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { not } from '../format.ts';

type Invertible = SctpChunks & { readonly invert: boolean };

/** Chunks by name, number and the names of their flags from bit 7 down. RFC 9260, 6525, 3758, 8260, 4895, 4820 */
const CHUNKS: readonly (readonly [name: string, type: number, flags: string])[] = [
  ['DATA', 0, '----IUBE'],
  ['INIT', 1, '--------'],
  ['INIT_ACK', 2, '--------'],
  ['SACK', 3, '--------'],
  ['HEARTBEAT', 4, '--------'],
  ['HEARTBEAT_ACK', 5, '--------'],
  ['ABORT', 6, '-------T'],
  ['SHUTDOWN', 7, '--------'],
  ['SHUTDOWN_ACK', 8, '--------'],
  ['ERROR', 9, '--------'],
  ['COOKIE_ECHO', 10, '--------'],
  ['COOKIE_ACK', 11, '--------'],
  ['ECN_ECNE', 12, '--------'],
  ['ECN_CWR', 13, '--------'],
  ['SHUTDOWN_COMPLETE', 14, '-------T'],
  ['I_DATA', 64, '----IUBE'],
  ['RE_CONFIG', 130, '--------'],
  ['PAD', 132, '--------'],
  ['ASCONF', 193, '--------'],
  ['ASCONF_ACK', 128, '--------'],
  ['FORWARD_TSN', 192, '--------'],
  ['I_FORWARD_TSN', 194, '--------'],
];
/** Chunks with flags that one match holds. XT_NUM_SCTP_FLAGS */
const MAX_FLAGS = 4;
const ALL = Array.from({ length: 256 }, (_, type) => type);

/** `any|all|only LIST`, the words with a blank between. `parse_sctp_chunks()` @throws IptablesError */
export function parseChunks(text: string): SctpChunks {
  const [how = '', list = ''] = text.split(' ');
  const mode = (['any', 'all', 'only'] as const).find((m) => m === how.toLowerCase());
  if (mode === undefined)
    throw parameterProblem('Match type has to be one of "ALL", "ANY" or "ONLY"');
  if (list.toUpperCase() === 'ALL') return { mode, types: ALL, flags: [] };
  if (list.toUpperCase() === 'NONE') return { mode, types: [], flags: [] };
  const types = new Set<number>();
  const flags: SctpChunks['flags'][number][] = [];
  for (const word of list.split(',').filter((w) => w !== '')) addChunk(word, types, flags);
  return { mode, types: [...types].sort((a, b) => a - b), flags };
}

function addChunk(word: string, types: Set<number>, flags: SctpChunks['flags'][number][]): void {
  const [name = '', letters = ''] = word.split(':');
  const row = CHUNKS.findIndex(([n]) => n === name.toUpperCase());
  const chunk = CHUNKS[row];
  if (chunk === undefined) throw parameterProblem(`Unknown sctp chunk \`${name}'`);
  types.add(chunk[1]);
  for (const letter of letters) {
    const at = chunk[2].indexOf(letter.toUpperCase());
    if (at < 0) throw parameterProblem(`Invalid flags for chunk type ${row}`);
    addFlag(row, 1 << (7 - at), letter === letter.toUpperCase(), flags);
  }
}

/** Flags are kept by the chunk's place in the list, which is its number for the first fifteen only. */
function addFlag(
  type: number,
  bit: number,
  set: boolean,
  flags: SctpChunks['flags'][number][],
): void {
  const at = flags.findIndex((f) => f.type === type);
  const old = flags[at] ?? { type, mask: 0, value: 0 };
  const merged = { type, mask: old.mask | bit, value: old.value | (set ? bit : 0) };
  if (at >= 0) flags[at] = merged;
  else if (flags.length < MAX_FLAGS) flags.push(merged);
  else
    throw parameterProblem(
      'Number of chunk types with flags exceeds currently allowed limit. Increasing this limit involves changing IPT_NUM_SCTP_FLAGS and recompiling both the kernel space and user space modules',
    );
}

function flagText(type: number, chunks: SctpChunks): string {
  const f = chunks.flags.find((x) => x.type === type);
  if (f === undefined || f.mask === 0) return '';
  const names = CHUNKS[type]?.[2] ?? '';
  const shown = [...names].map((name, i) => {
    const bit = 1 << (7 - i);
    if ((f.mask & bit) === 0) return '';
    return (f.value & bit) !== 0 ? name : name.toLowerCase();
  });
  return `:${shown.join('')}`;
}

function list(chunks: SctpChunks, numeric: boolean): string {
  if (chunks.types.length === 0) return 'NONE';
  if (chunks.types.length === ALL.length) return 'ALL';
  const name = (type: number): string =>
    numeric
      ? `0x${type.toString(16).toUpperCase().padStart(4, '0')}`
      : (CHUNKS.find(([, t]) => t === type)?.[0] ?? '');
  return chunks.types.map((t) => name(t) + flagText(t, chunks)).join(',');
}

/** As a listing shows them. */
export function printChunks(c: Invertible, numeric: boolean): string {
  return `${not(c)} ${c.mode} ${list(c, numeric)}`;
}

/** As an option. */
export function saveChunks(c: Invertible): string {
  return `${not(c)} --chunk-types ${c.mode} ${list(c, false)}`;
}
