export { ETC_IPROUTE2 } from './etc-files.ts';
export { inetProtocolId, inetProtocolName } from './protocol-name.ts';
export { parseRouteType } from './route-type.ts';
export { RtNames } from './rt-names.ts';
