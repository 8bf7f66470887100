import type { Ipv4Addr } from '@labwire/core/addr';
import type { DhcpOption } from '@labwire/devices/dhcp';
import type { ClientLease } from '../lease/index.ts';
import type { OptionSpace } from '../option-table.ts';

/** What is done to an option of a lease before it counts. */
export interface OptionChange {
  readonly action: 'supersede' | 'default' | 'prepend' | 'append';
  readonly code: number;
  readonly data: Uint8Array;
}

/** Options that are asked for without a configuration. */
const DEFAULT_REQUEST: readonly number[] = [1, 28, 2, 3, 15, 6, 12];

/** What /etc/dhcp/dhclient.conf says, for one device. Times in seconds. client/clparse.c */
export interface ClientConfig {
  timeout: number;
  retry: number;
  reboot: number;
  selectTimeout: number;
  initialInterval: number;
  initialDelay: number;
  backoffCutoff: number;
  script: string | undefined;
  /** What goes into messages, in the order of the statements. */
  send: DhcpOption[];
  /** Codes that servers are asked for. */
  request: readonly number[];
  /** Codes without which an offer does not count. */
  require: number[];
  changes: OptionChange[];
  /** Servers that are not heard. */
  reject: { readonly addr: Ipv4Addr; readonly mask: Ipv4Addr }[];
}

/** A whole configuration. */
export interface DhclientConf {
  readonly options: OptionSpace;
  readonly top: ClientConfig;
  /** By device. */
  readonly devices: Map<string, ClientConfig>;
  /** Leases that may be used if no server answers. */
  readonly leases: ClientLease[];
}

/** What holds without any configuration. client/clparse.c, read_client_conf() */
export function defaultConfig(): ClientConfig {
  return {
    timeout: 60,
    retry: 300,
    reboot: 10,
    selectTimeout: 0,
    initialInterval: 3,
    initialDelay: 0,
    backoffCutoff: 15,
    script: undefined,
    send: [],
    request: DEFAULT_REQUEST,
    require: [],
    changes: [],
    reject: [],
  };
}
