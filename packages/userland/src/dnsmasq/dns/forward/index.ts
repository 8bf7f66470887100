export { Forwarder } from './forwarder.ts';
export type { Asker } from './pending-query.ts';
export { ReplyProcessor, type ReplyWork } from './process-reply.ts';
