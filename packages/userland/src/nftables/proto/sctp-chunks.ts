import type { OptionField } from './keys.ts';

/** Chunk types of SCTP by name. src/sctp_chunk.c */
export const SCTP_CHUNKS: Readonly<Record<string, number>> = {
  data: 0,
  init: 1,
  'init-ack': 2,
  sack: 3,
  heartbeat: 4,
  'heartbeat-ack': 5,
  abort: 6,
  shutdown: 7,
  'shutdown-ack': 8,
  error: 9,
  'cookie-echo': 10,
  'cookie-ack': 11,
  ecne: 12,
  cwr: 13,
  'shutdown-complete': 14,
  asconf: 193,
  'forward-tsn': 192,
  'asconf-ack': 128,
};

const COMMON: readonly OptionField[] = [
  { name: '', field: 'type', offset: 0, bits: 8, type: 'integer' },
  { name: '', field: 'flags', offset: 8, bits: 8, type: 'integer' },
  { name: '', field: 'length', offset: 16, bits: 16, type: 'integer' },
];

const OWN: Readonly<Record<string, string>> = {
  data: 'tsn 32 32 stream 64 16 ssn 80 16 ppid 96 32',
  init: 'init-tag 32 32 a-rwnd 64 32 num-outbound-streams 96 16 num-inbound-streams 112 16 initial-tsn 128 32',
  'init-ack':
    'init-tag 32 32 a-rwnd 64 32 num-outbound-streams 96 16 num-inbound-streams 112 16 initial-tsn 128 32',
  sack: 'cum-tsn-ack 32 32 a-rwnd 64 32 num-gap-ack-blocks 96 16 num-dup-tsns 112 16',
  shutdown: 'cum-tsn-ack 32 32',
  ecne: 'lowest-tsn 32 32',
  cwr: 'lowest-tsn 32 32',
  'asconf-ack': 'seqno 32 32',
  'forward-tsn': 'new-cum-tsn 32 32',
  asconf: 'seqno 32 32',
};

/** The field of a chunk, undefined if it has none of that name. */
export function chunkField(chunk: string, field: string): OptionField | undefined {
  const common = COMMON.find((f) => f.field === field);
  if (common !== undefined) return { ...common, name: chunk };
  const words = (OWN[chunk] ?? '').split(' ');
  const at = words.indexOf(field);
  if (at < 0 || at % 3 !== 0) return undefined;
  return {
    name: chunk,
    field,
    offset: Number(words[at + 1]),
    bits: Number(words[at + 2]),
    type: 'integer',
  };
}
