export { HostNames } from './host-names.ts';
