export { ipMaddr } from './maddr.ts';
