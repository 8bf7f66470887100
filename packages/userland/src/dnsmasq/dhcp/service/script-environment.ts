import { formatInet } from '../../../libc-net/index.ts';
import { isHostname, stripHostname } from '../../options/index.ts';
import { isLease4, type Lease } from '../lease/index.ts';

const ARPHRD_ETHER = 1;

/** What happened to a lease. */
export type ScriptAction = 'add' | 'old' | 'del' | 'old-hostname';

/** What the script is called with. */
export interface ScriptCall {
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(':');
}

function macText({ chaddr = new Uint8Array(0), htype }: Lease): string {
  const ether = htype === ARPHRD_ETHER && chaddr.length > 0;
  return `${ether ? '' : `${htype.toString(16).padStart(2, '0')}-`}${hex(chaddr)}`;
}

/** What the script is told of a lease. dnsmasq src/helper.c */
export function scriptCall(
  lease: Lease,
  action: ScriptAction,
  facts: {
    readonly now: number;
    readonly device: string;
    readonly logDhcp: boolean;
    readonly duid: Uint8Array | undefined;
  },
): ScriptCall {
  const full =
    action === 'old-hostname' || action === 'del'
      ? lease.oldHostname
      : (lease.fqdn ?? lease.hostname);
  const legal = full !== undefined && isHostname(full) ? full : undefined;
  const [name, domain] = legal === undefined ? [undefined, undefined] : stripHostname(legal);
  const env = new Map<string, string>();
  const set = (key: string, value: string | undefined) => {
    if (value !== undefined) env.set(`DNSMASQ_${key}`, value);
  };
  const v6 = !isLease4(lease);
  const id = lease.clientId === undefined ? '' : hex(lease.clientId);
  if (v6) {
    set('IAID', `${lease.temporary ? 'T' : ''}${lease.iaid}`);
    set('SERVER_DUID', facts.duid === undefined ? '' : hex(facts.duid));
    if (lease.chaddr !== undefined && lease.chaddr.length > 0) set('MAC', macText(lease));
  } else if (id !== '') set('CLIENT_ID', id);
  if (facts.device !== '') set('INTERFACE', facts.device);
  set('LEASE_EXPIRES', String(lease.expires));
  set('DOMAIN', domain);
  extra(lease, v6, set);
  const left = lease.expires === 0 ? 0 : lease.expires - facts.now;
  if (action !== 'del' && left > 0) set('TIME_REMAINING', String(left));
  if (action === 'old-hostname') set('OLD_HOSTNAME', name);
  if (facts.logDhcp) set('LOG_DHCP', '1');
  const shown = action === 'old-hostname' || name === undefined ? [] : [name];
  const verb = action === 'old-hostname' ? 'old' : action;
  return { args: [verb, v6 ? id : macText(lease), formatInet(lease.addr), ...shown], env };
}

/** What the client said of itself: known only when the lease is made. */
function extra(
  lease: Lease,
  v6: boolean,
  set: (key: string, value: string | undefined) => void,
): void {
  const x = lease.extra;
  if (x === undefined) {
    set('DATA_MISSING', '1');
    if (!v6 && lease.giaddr !== 0) set('RELAY_ADDRESS', formatInet(lease.giaddr));
    return;
  }
  const given = (value: string | undefined) => (value === '' ? undefined : value);
  set(v6 ? 'VENDOR_CLASS_ID' : 'VENDOR_CLASS', given(x.vendorClass));
  set('SUPPLIED_HOSTNAME', given(x.suppliedHostname));
  for (const [i, key] of ['CPEWAN_OUI', 'CPEWAN_SERIAL', 'CPEWAN_CLASS'].entries())
    set(key, given(x.cpewan[i]));
  set('CIRCUIT_ID', given(x.circuitId));
  set('SUBSCRIBER_ID', given(x.subscriberId));
  set('REMOTE_ID', given(x.remoteId));
  set('REQUESTED_OPTIONS', given(x.requestedOptions));
  set('MUD_URL', given(x.mudUrl));
  set('TAGS', given(x.tags));
  if (lease.giaddr !== 0) set('RELAY_ADDRESS', formatInet(lease.giaddr));
  for (const [i, value] of x.userClasses.entries()) set(`USER_CLASS${i}`, given(value));
}
