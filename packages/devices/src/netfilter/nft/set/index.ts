export { SetIndex, SetIndexes } from './set-index.ts';
