export { Cable, type CableEnd, type CableOptions } from './cable.ts';
export { Nic } from './nic.ts';
export { connect, Switch } from './switch.ts';
