export { ssManual } from './options.ts';
export { ss } from './ss.ts';
