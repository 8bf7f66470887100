export { Bridge } from './bridge.ts';
export type { BridgeId } from './bridge-id.ts';
export { BRNF_CONF_DEFAULT, BRNF_SYSCTLS, type BrnfConf } from './brnf-conf.ts';
export type { FdbEntry } from './fdb.ts';
export type { BridgePort } from './port.ts';
export type { PortState } from './port-state.ts';
