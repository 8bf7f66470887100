export { receiveBpdu } from './bpdu.ts';
export { type BridgeId, sameId } from './bridge-id.ts';
export { PORT_STATES, type PortState, portStateNumber } from './port-state.ts';
export { FORWARD_DELAY_TIMER, HOLD_TIMER, MESSAGE_AGE_TIMER } from './port-timers.ts';
export { HELLO_TIMER, Stp, TCN_TIMER, TOPOLOGY_CHANGE_TIMER } from './stp.ts';
