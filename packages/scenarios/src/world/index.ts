export { buildWorld, type World } from './build.ts';
