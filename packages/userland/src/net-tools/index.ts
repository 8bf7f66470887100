export { netTools } from './package.ts';
