export { nstat } from './nstat.ts';
