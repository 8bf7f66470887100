export { Htb } from './htb.ts';
