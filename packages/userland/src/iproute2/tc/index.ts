export { tc, tcManual } from './tc.ts';
