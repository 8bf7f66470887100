export { ifupdown } from './package.ts';
