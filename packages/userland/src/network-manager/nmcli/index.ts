export { nmcli, nmcliManual } from './nmcli.ts';
