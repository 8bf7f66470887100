export { ConnTable, type Hashed } from './conn-table.ts';
export { type PortHolder, Ports, pickPort } from './ports.ts';
