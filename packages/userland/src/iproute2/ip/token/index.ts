export { ipToken, tokenManual } from './token.ts';
