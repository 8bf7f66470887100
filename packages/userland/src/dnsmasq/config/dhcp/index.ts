export { DhcpConfig } from './dhcp-config.ts';
export type { DhcpHost, HardwareAddress, HostAddress6 } from './dhcp-host.ts';
export type { DhcpRange } from './dhcp-range.ts';
export type { DhcpRange6 } from './dhcp-range6.ts';
export type {
  BootRule,
  ClassRule,
  DelayRule,
  MacRule,
  NameRule,
  OptionPlace,
  OptionRule,
  RaParameters,
  SharedNetwork,
  TagIf,
} from './dhcp-rules.ts';
