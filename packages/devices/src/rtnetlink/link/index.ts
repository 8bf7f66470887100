export { type BridgeLinkRequest, bridgeLinkDump, bridgeLinkSet } from './bridge-link.ts';
export { findLink, type LinkRef, linkDel, linkDump, linkGet } from './link.ts';
export { linkAdd } from './link-add.ts';
export { linkSet } from './link-set.ts';
