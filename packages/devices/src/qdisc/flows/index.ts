export { FqCodel } from './fq-codel.ts';
export { Sfq } from './sfq.ts';
