import type { OptionHandlers } from '../handlers/index.ts';
import { hostOptions } from './host-options.ts';
import { optionOptions } from './option-options.ts';
import { rangeOptions } from './range-options.ts';
import { serverOptions } from './server-options.ts';
import { tagOptions } from './tag-options.ts';
import { tftpOptions } from './tftp-options.ts';

export { isHostname, parseHex, stripHostname } from './dhcp-words.ts';
export { ethersHost } from './host-options.ts';
export { sameNet6 } from './range-options.ts';

/** Handlers of the options for DHCP, router advertisements and TFTP. */
export const dhcpOptions: OptionHandlers = {
  ...rangeOptions,
  ...hostOptions,
  ...optionOptions,
  ...tagOptions,
  ...serverOptions,
  ...tftpOptions,
};
