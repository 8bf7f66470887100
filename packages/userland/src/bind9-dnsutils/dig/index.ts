export { dig } from './dig.ts';
