/** Reads what a rule of arptables asks for. Source: iptables/nft-arp.c, nft_arp_post_parse() */
import type { ArpMangle, ArpMark, ArpRule, ArpTarget } from '@labwire/devices/arptables';
import type { Bits, EbtArp, Is } from '@labwire/devices/bridge';
import { etherAton, readIp, readMac } from '../ebtables/index.ts';
import { IptablesError, parameterProblem, strtoui } from '../iptables/index.ts';

/** ARP operations by number, from 1. */
export const ARP_OPS: readonly string[] = [
  'Request',
  'Reply',
  'Request_Reverse',
  'Reply_Reverse',
  'DRARP_Request',
  'DRARP_Reply',
  'DRARP_Error',
  'InARP_Request',
  'ARP_NAK',
];
const ETHER_ALEN = 6;
const ARPHRD_ETHER = 1;
const ETH_P_IP = 0x0800;
const IFNAMSIZ = 16;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The number before a `/`; the mask behind it is not kept. `get16_and_mask()` */
function number16(text: string, base: 0 | 10 | 16): number | undefined {
  const [value = ''] = text.split('/');
  if (base === 0) return strtoui(value, 0, 0xffff);
  const isNumber = base === 10 ? /^\d+$/ : /^(0x)?[0-9a-f]+$/i;
  const n = isNumber.test(value) ? Number.parseInt(value, base) : undefined;
  return n !== undefined && n <= 0xffff ? n : undefined;
}

function readOpcode(text: string): number {
  const named = ARP_OPS.findIndex((op) => op.toLowerCase() === text.toLowerCase());
  const op = number16(text, 10) ?? (named < 0 ? undefined : named + 1);
  if (op === undefined) throw parameterProblem('Problem with specified opcode');
  return op;
}

function readHtype(text: string): number {
  const isEthernet = text.toLowerCase() === 'ethernet';
  const type = number16(text, 16) ?? (isEthernet ? ARPHRD_ETHER : undefined);
  if (type === undefined) throw parameterProblem('Problem with specified hardware type');
  return type;
}

function readPtype(text: string): number {
  const type = number16(text, 0) ?? (text.toLowerCase() === 'ipv4' ? ETH_P_IP : undefined);
  if (type === undefined) throw parameterProblem('Problem with specified protocol type');
  return type;
}

function checkLength(text: string): void {
  if (Number.parseInt(text, 10) !== ETHER_ALEN)
    throw parameterProblem('Only harware address length of 6 is supported currently.');
}

/** Addresses with a comma between; each makes a rule of its own. */
function readAddresses(text: string | undefined): readonly (Bits<number> | undefined)[] {
  return text === undefined ? [undefined] : text.split(',').map(readIp);
}

function readMark(text: string): number {
  const n = /^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : undefined;
  if (n === undefined || n > 0xffff_ffff) throw parameterProblem(`Bad mark value \`${text}'`);
  return n;
}

/** A rule while its options are read. */
export class ArpRuleParser {
  readonly warnings: string[] = [];
  readonly #arp: Mutable<EbtArp> = { kind: 'arp' };
  readonly #ifaces: Pick<Mutable<ArpRule>, 'iif' | 'oif'> = {};
  #src: Is<string> | undefined;
  #dst: Is<string> | undefined;
  #htype: Is<number> = { value: ARPHRD_ETHER, invert: false };
  #target: Mutable<ArpMangle> | Mutable<ArpMark> | ArpTarget | undefined;
  #class = false;
  counters: { packets: number; bytes: number } = { packets: 0, bytes: 0 };

  iface(key: 'iif' | 'oif', text: string, invert: boolean): void {
    if (text === '') throw parameterProblem('Empty interface is likely to be undesired');
    if (text.length >= IFNAMSIZ)
      throw parameterProblem(
        `interface name \`${text}' must be shorter than IFNAMSIZ (${IFNAMSIZ - 1})`,
      );
    const wildcard = text.endsWith('+');
    const name = wildcard ? text.slice(0, -1) : text;
    if (name !== '' || invert) this.#ifaces[key] = { name, wildcard, invert };
  }

  /** An option by its key. */
  option(key: string, text: string, invert: boolean): void {
    if (key === 's') this.#src = { value: text, invert };
    else if (key === 'd') this.#dst = { value: text, invert };
    else if (key === 'src-mac') this.#arp.macSrc = this.#mac(text, 'source', invert);
    else if (key === 'dst-mac') this.#arp.macDst = this.#mac(text, 'destination', invert);
    else if (key === 'opcode') this.#opcode(readOpcode(text), invert);
    else if (key === 'h-type') this.#htype = { value: readHtype(text), invert };
    else if (key === 'proto-type') this.#arp.ptype = { value: readPtype(text), invert };
    else if (key === 'l') checkLength(text);
    else this.#targetOption(key, text);
  }

  #opcode(value: number, invert: boolean): void {
    if (value !== 0 || invert) this.#arp.op = { value, invert };
  }

  #mac(text: string, what: string, invert: boolean): EbtArp['macSrc'] & object {
    const value = readMac(text);
    if (value === undefined) throw parameterProblem(`Problem with specified ${what} mac`);
    return { value, invert };
  }

  /** `-j`. `command_jump()` */
  jump(name: string): void {
    if (name === 'ACCEPT' || name === 'DROP' || name === 'RETURN') this.#target = name;
    else if (name === 'mangle') this.#target = { kind: 'mangle', verdict: 'ACCEPT' };
    else if (name === 'MARK') this.#target = { kind: 'MARK', value: 0, mask: 0 };
    else if (name === 'CLASSIFY') this.#target = { kind: 'CLASSIFY', priority: 0 };
    else this.#target = { kind: 'jump', chain: name };
  }

  /** Whether an option is one of the target that was named. */
  takes(key: string): boolean {
    const kind = typeof this.#target === 'object' ? this.#target.kind : '';
    if (key.startsWith('mangle-')) return kind === 'mangle';
    return key === 'set-class' ? kind === 'CLASSIFY' : kind === 'MARK';
  }

  #targetOption(key: string, text: string): void {
    if (key.startsWith('mangle-')) this.#mangle(this.#target as Mutable<ArpMangle>, key, text);
    else if (key === 'set-class') this.#classify(text);
    else this.#mark(key, readMark(text));
  }

  #mark(key: string, bits: number): void {
    if (key === 'set-mark') this.#target = { kind: 'MARK', value: bits, mask: 0xffff_ffff };
    else if (key === 'or-mark') this.#target = { kind: 'MARK', value: bits, mask: bits };
    else this.#target = { kind: 'MARK', value: 0, mask: ~bits >>> 0 };
  }

  #classify(text: string): void {
    const m = /^([0-9a-f]+):([0-9a-f]+)$/i.exec(text);
    if (m === null) throw parameterProblem(`Bad class value "${text}"`);
    const [major, minor] = [m[1], m[2]].map((h) => Number.parseInt(h as string, 16) & 0xffff);
    this.#class = true;
    this.#target = { kind: 'CLASSIFY', priority: (major as number) * 0x10000 + (minor as number) };
  }

  #mangle(m: Mutable<ArpMangle>, key: string, text: string): void {
    if (key === 'mangle-ip-s') m.ipSrc = readIp(text).addr as never;
    else if (key === 'mangle-ip-d') m.ipDst = readIp(text).addr as never;
    else if (key === 'mangle-target') {
      if (text !== 'ACCEPT' && text !== 'DROP' && text !== 'CONTINUE')
        throw parameterProblem('bad target for --mangle-target');
      m.verdict = text;
    } else {
      const mac = etherAton(text);
      const isSource = key === 'mangle-mac-s';
      if (mac === undefined)
        throw parameterProblem(isSource ? 'invalid source MAC' : 'invalid target MAC');
      if (isSource) m.macSrc = mac;
      else m.macDst = mac;
    }
  }

  /** The rules, one for each pair of addresses. @throws {@link IptablesError} */
  finish(): ArpRule[] {
    const target = this.#target as ArpTarget | undefined;
    if (typeof target === 'object' && target.kind === 'CLASSIFY' && !this.#class)
      throw new IptablesError(2, 'CLASSIFY: option "--set-class" must be specified\n');
    const sources = readAddresses(this.#src?.value);
    const destinations = readAddresses(this.#dst?.value);
    const inverts = this.#src?.invert === true || this.#dst?.invert === true;
    if (inverts && sources.length * destinations.length > 1)
      throw parameterProblem('! not allowed with multiple source or destination IP addresses');
    return sources.flatMap((src) => destinations.map((dst) => this.#rule(src, dst, target)));
  }

  #rule(
    src: Bits<number> | undefined,
    dst: Bits<number> | undefined,
    target: ArpTarget | undefined,
  ): ArpRule {
    const arp: Mutable<EbtArp> = { ...this.#arp, htype: this.#htype };
    if (src !== undefined && src.mask !== 0)
      arp.ipSrc = { value: src, invert: this.#src?.invert === true };
    if (dst !== undefined && dst.mask !== 0)
      arp.ipDst = { value: dst, invert: this.#dst?.invert === true };
    return { ...this.#ifaces, arp, target, counters: { ...this.counters } };
  }
}
