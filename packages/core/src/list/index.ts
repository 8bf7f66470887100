export { insertAt, removeAt } from './list.ts';
