export { ADDR_FLAGS, type AddrFlag, IFA_F_SECONDARY } from './addr-flags.ts';
export { printAddr } from './addr-print.ts';
export { parseShowFilter, passesAddrFilter, SHOW_ROWS, type ShowFilter } from './filter.ts';
export { type ShowView, showDevices } from './show.ts';
