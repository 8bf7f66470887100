export { Database, type Result, type SessionInfo } from './database.ts';
export type { Column } from './parser.ts';
export { isNumber, Oid, SqlError, type Value } from './value.ts';
