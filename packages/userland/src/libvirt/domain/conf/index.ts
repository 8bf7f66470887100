export { DomainDef } from './domain-def.ts';
export { generateMac } from './interface.ts';
export { bandwidthOf, putBandwidth } from './limits.ts';
export { giveAlias, type LiveNames, liveDef, QEMU_UID } from './live.ts';
export { XmlNode } from './node.ts';
export { parseDomain, parseInterface } from './parse.ts';
export { assignPciAddresses } from './pci.ts';
export { childOrder } from './schema.ts';
