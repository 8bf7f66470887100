import { domainOptions } from './domain-options.ts';
import { generalOptions } from './general-options.ts';
import type { OptionHandlers } from './handler.ts';
import { interfaceOptions } from './interface-options.ts';
import { recordOptions } from './record-options.ts';
import { serverOptions } from './server-options.ts';
import { typeOptions } from './type-options.ts';

export { need, type OptionContext, type OptionHandler, type OptionHandlers } from './handler.ts';
export { REFUSED_OPTIONS, refuseUnsupported } from './refused-options.ts';

/** Handlers of all options that are not for DHCP, router advertisements or TFTP. */
export const dnsOptions: OptionHandlers = {
  ...generalOptions,
  ...interfaceOptions,
  ...recordOptions,
  ...serverOptions,
  ...domainOptions,
  ...typeOptions,
};
