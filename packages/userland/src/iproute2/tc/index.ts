export { tc } from './tc.ts';
