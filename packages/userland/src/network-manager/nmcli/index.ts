export { nmcli } from './nmcli.ts';
