import type { Row } from '../conformance-set.ts';

interface Common extends Row {
  readonly tier: string;
  readonly xml: string;
}

/** What a real daemon did with a network that it was told to start. */
export interface StartedNetwork {
  readonly started: boolean;
  /** What virsh printed, lines joined by ` | `. */
  readonly error?: string;
  readonly conf: string | null;
  readonly hostsfile: string | null;
  readonly addnhosts: string | null;
  readonly iptables_save?: string;
  readonly ip6tables_save?: string;
  readonly dnsmasq_argv?: readonly string[];
  readonly addr?: readonly string[] | null;
  readonly route?: readonly string[] | null;
  readonly link?: Readonly<Record<string, number>> | null;
}

/** A network to start. */
export interface StartRow extends Common {
  readonly kind: 'firewall' | 'dnsmasq' | 'netstart';
  readonly real: StartedNetwork;
}

/** A network to define and to show. */
export interface XmlRow extends Common {
  readonly kind: 'netxml';
  readonly real: { readonly xml: string | null; readonly error: string | null };
}

/** A network to change. */
export interface UpdateRow extends Common {
  readonly kind: 'netupdate';
  readonly command: string;
  readonly section: string;
  readonly parent_index: number | null;
  readonly fragment: string;
  readonly real: { readonly xml: string | null; readonly error: string | null };
}

/** A shell command and the lines that it printed. */
export interface HostStep {
  readonly cmd: string;
  readonly real: readonly string[];
}

/** A network to start and to end, with commands of its host between. */
export interface HostRow extends Common {
  readonly kind: 'tck-host';
  readonly steps_active: readonly HostStep[];
  readonly steps_after_destroy: readonly HostStep[];
}

/** A filter to define. */
export interface FilterRow extends Common {
  readonly kind: 'nwfilter';
}

/** Any row of the set. */
export type LibvirtRow = StartRow | XmlRow | UpdateRow | HostRow | FilterRow;
