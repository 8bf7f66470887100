export { pgIsReady } from './pg-isready.ts';
export { psql } from './psql.ts';
