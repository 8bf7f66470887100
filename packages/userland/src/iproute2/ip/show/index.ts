export { ADDR_FLAGS, type AddrFlag, IFA_F_SECONDARY } from './addr-flags.ts';
export { printAddr } from './addr-print.ts';
export { parseShowFilter, passesAddrFilter, type ShowFilter } from './filter.ts';
export { type ShowView, showDevices } from './show.ts';
