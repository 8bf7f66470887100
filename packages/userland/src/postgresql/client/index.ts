export { PG_ISREADY_OPTIONS, pgIsReady } from './pg-isready.ts';
export { PSQL_OPTIONS, psql } from './psql.ts';
