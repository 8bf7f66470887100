export { answer } from './answer.ts';
export { renewalTimes } from './reply-options.ts';
export type { Arrival, Reply, ServerHost } from './server-host.ts';
