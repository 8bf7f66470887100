export { Config, type DhcpExcept, type InterfaceOption, type ListenAddress } from './config.ts';
export type {
  BootRule,
  ClassRule,
  DelayRule,
  DhcpConfig,
  DhcpHost,
  DhcpRange,
  DhcpRange6,
  HardwareAddress,
  HostAddress6,
  MacRule,
  NameRule,
  OptionPlace,
  OptionRule,
  RaParameters,
  SharedNetwork,
  TagIf,
} from './dhcp/index.ts';
export type {
  AddressPrefix,
  Alias,
  Cname,
  ConditionalDomain,
  HostRecord,
  InterfaceName,
  MxHost,
  Naptr,
  PtrRecord,
  RawRecord,
  SrvHost,
} from './records.ts';
export type { ServerKind, ServerRule } from './server.ts';
