import { put32 } from '@labwire/core/bytes';
import { DhcpOpt } from '@labwire/devices/dhcp';
import type { DhcpConfig, OptionPlace, OptionRule } from '../../config/index.ts';
import { type Tags, tagsFit } from '../match/index.ts';
import type { ReplyWriter } from './reply-writer.ts';
import { textData } from './reply-writer.ts';
import { contains } from './request/index.ts';

/** Bytes of suboptions that one enterprise may have. */
const MAX_ENTERPRISE = 250;
const MAX_OPTION = 255;

/** A suboption: its code and its bytes. */
export interface Suboption {
  readonly code: number;
  readonly data: Uint8Array;
}

function bytesOf({ data, type }: OptionRule, zero: boolean): Uint8Array {
  return type === 'string' && zero && data.length !== 255 ? new Uint8Array([...data, 0]) : data;
}

function flatten(parts: readonly Suboption[]): number[] {
  return parts.flatMap(({ code, data }) => [code, data.length, ...data]);
}

/** Options for a vendor class that match what the client, or the configuration, calls its class. match_vendor_opts() */
export class VendorMatch {
  readonly #all: readonly OptionRule[];
  #matched: OptionRule[];

  constructor({ options }: DhcpConfig, vendorClass: Uint8Array | undefined) {
    this.#all = options.filter((o) => o.place.kind === 'vendor');
    this.#matched = [];
    if (vendorClass !== undefined) this.rematch(vendorClass);
  }

  /** Matches anew, against another class. */
  rematch(vendorClass: Uint8Array): void {
    this.#matched = this.#all.filter(({ place }) => {
      if (place.kind !== 'vendor') return false;
      return contains(vendorClass, textData(place.vendorClass, false));
    });
  }

  /** Drops those that are not for the client's tags. @returns whether one is sent unasked */
  prune(tags: Tags): boolean {
    this.#matched = this.#matched.filter((o) => tagsFit(o.tags, tags, true));
    return this.#matched.some((o) => o.force);
  }

  get matched(): readonly OptionRule[] {
    return this.#matched;
  }
}

/** Writes options inside one, or inside several of that code if they are too long. @returns whether there were any. do_encap_opts() */
export function addVendorOptions(
  writer: ReplyWriter,
  options: readonly OptionRule[],
  zero: boolean,
  outer: number = DhcpOpt.vendorEncapsulated,
): boolean {
  let group: Suboption[] = [];
  const length = () => flatten(group).length;
  for (const option of options) {
    const part = { code: option.code, data: bytesOf(option, zero) };
    if (length() + part.data.length + 2 > MAX_OPTION) {
      writer.put(outer, new Uint8Array(flatten(group)));
      group = [];
    }
    group.push(part);
  }
  if (group.length > 0)
    writer.put(outer, new Uint8Array([...flatten(group), DhcpOpt.end]).slice(0, MAX_OPTION));
  return options.length > 0;
}

/** What options inside one other have in common; undefined for those that stand elsewhere. */
function placeKey(place: OptionPlace): string | undefined {
  if (place.kind === 'encap') return `encap ${place.code}`;
  return place.kind === 'vi-encap' ? `vi-encap ${place.enterprise}` : undefined;
}

/** Options inside others, `encap:` and `vi-encap:`, each outer one once. */
export function addEncapsulated(
  writer: ReplyWriter,
  all: readonly OptionRule[],
  tags: Tags,
  asked: (code: number) => boolean,
  how: { readonly zero: boolean; readonly warn: (text: string) => void },
): void {
  const done = new Set<string>();
  for (const { place } of all) {
    const key = placeKey(place);
    if (key === undefined || done.has(key)) continue;
    done.add(key);
    const outer = place.kind === 'encap' ? place.code : DhcpOpt.vendorIdentifyingOptions;
    const inner = all.filter(
      (o) => placeKey(o.place) === key && tagsFit(o.tags, tags, true) && (o.force || asked(outer)),
    );
    if (inner.length === 0) continue;
    if (place.kind === 'vi-encap') addEnterprise(writer, inner, place.enterprise, how.warn);
    else addVendorOptions(writer, inner, how.zero, outer);
  }
}

/** Option 125 for one enterprise. RFC 3925 section 4 */
function addEnterprise(
  writer: ReplyWriter,
  inner: readonly OptionRule[],
  enterprise: number,
  warn: (text: string) => void,
): void {
  const parts = flatten(inner.map(({ code, data }) => ({ code, data })));
  if (parts.length > MAX_ENTERPRISE) {
    warn(`cannot send RFC3925 option: too many options for enterprise number ${enterprise}`);
    return;
  }
  const data = new Uint8Array(5 + parts.length);
  put32(data, 0, enterprise);
  data[4] = parts.length;
  data.set(parts, 5);
  writer.put(DhcpOpt.vendorIdentifyingOptions, data);
}
