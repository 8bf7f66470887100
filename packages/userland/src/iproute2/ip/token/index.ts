export { ipToken } from './token.ts';
