export { changeSources, type MacvlanData, validateMacvlan } from './attributes.ts';
export { Macvlan } from './macvlan.ts';
export { Macvtap } from './macvtap.ts';
export { MacvtapFile } from './macvtap-file.ts';
export { MODE_PASSTHRU } from './modes.ts';
export { MacvlanPort } from './port.ts';
