export { ipAddr } from './addr.ts';
