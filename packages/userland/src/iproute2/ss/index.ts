export { ss } from './ss.ts';
