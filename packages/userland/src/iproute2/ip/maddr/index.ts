export { ipMaddr, maddrManual } from './maddr.ts';
