import { FilterError } from './filter-error.ts';
import type { PacketView } from './packet-view.ts';
import { and, FALSE, not, or, type Place, type Test, TRUE } from './test.ts';

/** EtherTypes and service access points, as link types are asked for. */
export const ETH = { ip: 0x0800, arp: 0x0806, rarp: 0x8035, ip6: 0x86dd } as const;
const MAX_LENGTH = 1500;
const SAP_IP = 0x06;
const SAP_STP = 0x42;
const SAP_IPX = 0xe0;
const SAP_NETBEUI = 0xf0;
const SAP_ISO = 0xfe;
const ETH_MPLS = 0x8847;
const ETH_IPX = 0x8137;
const ETH_ATALK = 0x809b;
const ETH_AARP = 0x80f3;

/** Where the type and the payload are, by link type; and what it is called in complaints. */
const LINKS: Readonly<
  Record<number, { readonly type: number; readonly payload: number; readonly name: string }>
> = {
  1: { type: 12, payload: 14, name: 'Ethernet' },
  113: { type: 14, payload: 16, name: 'Linux cooked v1' },
  276: { type: 0, payload: 20, name: 'Linux cooked v2' },
  101: { type: -1, payload: 0, name: 'Raw IP' },
  228: { type: -1, payload: 0, name: 'Raw IPv4' },
  229: { type: -1, payload: 0, name: 'Raw IPv6' },
  0: { type: 0, payload: 4, name: 'BSD loopback' },
  108: { type: 0, payload: 4, name: 'OpenBSD loopback' },
};
const COOKED: readonly number[] = [113, 276];
const RAW: readonly number[] = [101, 228, 229];

type Size = 1 | 2 | 4;

/** Makes tests of places in a packet, which move as tags and labels are asked for. libpcap gencode.c */
export class Code {
  readonly linkType: number;
  /** Whether packets come from a device rather than a file. */
  readonly live: boolean;
  #vlans = 0;
  #labels = 0;
  /** How far a PPPoE header moved everything. */
  #ppp = false;

  constructor(linkType: number, live: boolean) {
    this.linkType = linkType;
    this.live = live;
  }

  get #link(): { readonly type: number; readonly payload: number; readonly name: string } {
    return LINKS[this.linkType] as { type: number; payload: number; name: string };
  }

  get linkName(): string {
    return this.#link.name;
  }

  /** Whether frames have Ethernet addresses. */
  get isEthernet(): boolean {
    return this.linkType === 1 && !this.#ppp;
  }

  get labels(): number {
    return this.#labels;
  }

  #place(name: string, base: number): Place {
    const vlans = this.#vlans;
    // of the tags, the outermost is beside the bytes where the device has taken it off
    const at =
      vlans === 0 ? () => base : (p: PacketView) => base + 4 * (vlans - (p.vlanTci >= 0 ? 1 : 0));
    return { key: `${name}${vlans}:${base}`, at };
  }

  /** A place in the link header. */
  header(off: number): Place {
    return { key: `h:${off}`, at: () => off };
  }

  /** A place in the network packet. */
  payload(off: number): Place {
    const base = this.#ppp ? 22 : this.#link.payload;
    return this.#place('n', base + 4 * this.#labels + off);
  }

  /** A place behind the IPv4 header, which says how long it is. */
  transport(off: number): Place {
    const start = this.payload(0);
    return {
      key: `t${start.key}:${off}`,
      at: (p) => {
        const net = start.at(p);
        return net + (p.load(net, 1) & 15) * 4 + off;
      },
    };
  }

  compare(
    place: Place,
    size: Size,
    value: number,
    mask = 0xffff_ffff,
    op: '=' | '>' | '>=' | '&' = '=',
  ): Test {
    // what is masked off whole is not read at all
    if (mask === 0 && op === '=') return value === 0 ? TRUE : FALSE;
    return { kind: 'compare', place, size, mask: mask >>> 0, op, value: value >>> 0 };
  }

  #type(value: number): Test {
    const place = this.#ppp ? this.#place('p', 20) : this.#place('y', this.#link.type);
    return this.compare(place, 2, value);
  }

  #llcPair(sap: number): Test {
    return and(this.#lengthType(), this.compare(this.payload(0), 2, (sap << 8) | sap));
  }

  #lengthType(): Test {
    return not(this.compare(this.#place('y', 12), 2, MAX_LENGTH, 0xffff_ffff, '>'));
  }

  /** Whether a frame carries a protocol. gen_linktype() */
  carries(proto: number): Test {
    if (this.#labels > 0) return this.#mpls(proto);
    if (this.#ppp) return this.#pppType(proto);
    if (RAW.includes(this.linkType)) return this.#version(proto);
    if (this.linkType === 0 || this.linkType === 108) return this.#family(proto);
    if (COOKED.includes(this.linkType)) return this.#cooked(proto);
    return this.#ethernet(proto);
  }

  #ethernet(proto: number): Test {
    switch (proto) {
      case SAP_ISO:
      case SAP_IP:
      case SAP_NETBEUI:
        return this.#llcPair(proto);
      case SAP_IPX: {
        const llc = or(this.compare(this.payload(0), 1, SAP_IPX), this.#snap(ETH_IPX));
        const novell = this.compare(this.payload(0), 2, 0xffff);
        return or(and(this.#lengthType(), or(llc, novell)), this.#type(ETH_IPX));
      }
      case ETH_ATALK:
      case ETH_AARP: {
        const oui = proto === ETH_ATALK ? 0x080007 : 0;
        return or(and(this.#lengthType(), this.#snap(proto, oui)), this.#type(proto));
      }
      default:
        return proto <= MAX_LENGTH
          ? and(this.#lengthType(), this.compare(this.payload(0), 1, proto))
          : this.#type(proto);
    }
  }

  /** An EtherType behind LLC and SNAP headers. gen_snap() */
  #snap(type: number, oui = 0): Test {
    const at = (off: number) => this.payload(off);
    return and(
      this.compare(at(0), 4, 0xaaaa_0300 | (oui >> 16)),
      this.compare(at(4), 4, ((oui & 0xffff) << 16) | type),
    );
  }

  /** gen_linux_sll_linktype() */
  #cooked(proto: number): Test {
    if (proto === SAP_ISO || proto === SAP_IP || proto === SAP_NETBEUI)
      return and(this.#type(4), this.compare(this.payload(0), 2, (proto << 8) | proto));
    if (proto <= MAX_LENGTH) return and(this.#type(4), this.compare(this.payload(0), 1, proto));
    return this.#type(proto);
  }

  #version(proto: number): Test {
    const version = proto === ETH.ip ? 0x40 : proto === ETH.ip6 ? 0x60 : undefined;
    if (version === undefined) return FALSE;
    return this.compare(this.payload(0), 1, version, 0xf0);
  }

  #family(proto: number): Test {
    const family = proto === ETH.ip ? 2 : proto === ETH.ip6 ? 10 : undefined;
    if (family === undefined) return FALSE;
    // in the order of the machine that wrote it, unless it is OpenBSD's
    const value = this.linkType === 0 ? (family << 24) >>> 0 : family;
    return this.compare(this.#place('y', 0), 4, value);
  }

  /** gen_mpls_linktype() */
  #mpls(proto: number): Test {
    const version = proto === ETH.ip ? 0x40 : proto === ETH.ip6 ? 0x60 : undefined;
    if (version === undefined) throw new FilterError('unsupported protocol over mpls');
    const bottom = this.compare(this.payload(-2), 1, 0x01, 0x01);
    return and(bottom, this.compare(this.payload(0), 1, version, 0xf0));
  }

  #pppType(proto: number): Test {
    const types: Readonly<Record<number, number>> = { [ETH.ip]: 0x21, [ETH.ip6]: 0x57 };
    return this.#type(types[proto] ?? proto);
  }

  // What moves the places that are asked for after it.

  /** gen_vlan() */
  vlan(id: number | undefined): Test {
    if (this.#labels > 0) throw new FilterError('no VLAN match after MPLS');
    if (this.linkType !== 1) throw new FilterError(`no VLAN support for ${this.linkName}`);
    if (id !== undefined && id > 0xfff)
      throw new FilterError(`VLAN tag ${id} greater than maximum 4095`);
    const tpids = [0x8100, 0x88a8, 0x9100].map((tpid) => this.#type(tpid)).reduce(or);
    const inBytes =
      id === undefined ? tpids : and(tpids, this.compare(this.payload(0), 2, id, 0x0fff));
    const outermost = this.#vlans++ === 0 && this.live;
    if (!outermost) return inBytes;
    const beside: Test = {
      kind: 'call',
      key: `vlan ${id}`,
      call: (p) => p.vlanTci >= 0 && (id === undefined || (p.vlanTci & 0xfff) === id),
    };
    const taken: Test = { kind: 'call', key: 'tagged', call: (p) => p.vlanTci >= 0 };
    return or(beside, and(not(taken), inBytes));
  }

  /** gen_mpls() */
  mpls(label: number | undefined): Test {
    if (this.#labels === 0 && !this.isEthernet)
      throw new FilterError(`no MPLS support for ${this.linkName}`);
    const stacked =
      this.#labels > 0 ? this.compare(this.payload(-2), 1, 0, 0x01) : this.carries(ETH_MPLS);
    if (label !== undefined && label > 0xfffff)
      throw new FilterError(`MPLS label ${label} greater than maximum 1048575`);
    const test =
      label === undefined
        ? stacked
        : and(stacked, this.compare(this.payload(0), 4, label << 12, 0xffff_f000));
    this.#labels++;
    return test;
  }

  /** gen_pppoes() */
  pppoeSession(session: number | undefined): Test {
    const carried = this.carries(0x8864);
    if (session !== undefined && session > 0xffff)
      throw new FilterError(`PPPoE session number ${session} greater than maximum 65535`);
    const test =
      session === undefined
        ? carried
        : and(carried, this.compare(this.payload(0), 4, session, 0xffff));
    this.#ppp = true;
    return test;
  }

  /** gen_llc_internal() */
  llc(): Test {
    if (!this.isEthernet) throw new FilterError(`'llc' not supported for ${this.linkName}`);
    return and(this.#lengthType(), not(this.compare(this.payload(0), 2, 0xffff)));
  }
}

/** Service access points by name. */
export const SAPS: Readonly<Record<'stp' | 'ipx' | 'netbeui' | 'iso', number>> = {
  stp: SAP_STP,
  ipx: SAP_IPX,
  netbeui: SAP_NETBEUI,
  iso: SAP_ISO,
};
