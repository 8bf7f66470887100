export { Cable, type CableEnd, type CableOptions } from './cable.ts';
export { Nic } from './nic.ts';
export { connect, type Pluggable, Switch } from './switch.ts';
