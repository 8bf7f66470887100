import type { OptionHandlers } from '../handlers/index.ts';

/** Handlers of the options for DHCP, router advertisements and TFTP. */
export const dhcpOptions: OptionHandlers = {};
