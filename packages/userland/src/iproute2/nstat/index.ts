export { NSTAT_OPTIONS, nstat } from './nstat.ts';
