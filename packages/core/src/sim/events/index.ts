export { EventQueue } from './event-queue.ts';
export type { EventHandler } from './event-records.ts';
export { EventRing } from './event-ring.ts';
