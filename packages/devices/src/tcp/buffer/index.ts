export { newBytes } from './byte-pool.ts';
export { ByteRing } from './byte-ring.ts';
export { Reassembly } from './reassembly.ts';
export { EVER_RETRANS, HAS_FIN, LOST, RETRANS, RtxQueue, SACKED } from './rtx-queue.ts';
export { after, before, distance, maxSeq, minSeq } from './seq.ts';
