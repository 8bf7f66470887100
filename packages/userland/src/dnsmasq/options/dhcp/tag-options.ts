import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import type { ClassRule, Config } from '../../config/index.ts';
import { OptionError } from '../../fatal.ts';
import {
  need,
  type OptionContext,
  type OptionHandler,
  type OptionHandlers,
} from '../handlers/index.ts';
import { parseInteger, split, splitAll, unhide } from '../option-text.ts';
import { isTag, parseHex, tagToSet, textBytes } from './dhcp-words.ts';
import { hardware } from './host-options.ts';

/** Takes `tag:` parts off the front. dhcp_tags() */
function cutTags(arg: string): {
  readonly tags: readonly string[];
  readonly rest: string | undefined;
} {
  const tags: string[] = [];
  let rest: string | undefined = arg;
  while (rest !== undefined && isTag(rest)) {
    const [head, tail]: readonly [string, string | undefined] = split(rest);
    tags.unshift(unhide(head.slice(4)));
    rest = tail;
  }
  return { tags, rest };
}

const classRule =
  (match: ClassRule['match']): OptionHandler =>
  ({ config, genericError }, arg) => {
    const [tag, value] = split(arg);
    const [first, second] = split(need(value, genericError));
    const enterprise = second === undefined ? 0 : Number(/^enterprise:(\d*)/.exec(first)?.[1]);
    if (Number.isNaN(enterprise) || (second !== undefined && match !== 'vendor'))
      throw new OptionError(genericError);
    const text = second ?? first;
    const ofRelay = match !== 'vendor' && match !== 'user';
    const hex = ofRelay && /^[\da-fA-F:]*$/.test(text) && text.includes(':');
    const data = hex ? (parseHex(text, 255, false)?.bytes ?? new Uint8Array(0)) : textBytes(text);
    config.dhcp.classes.unshift({ match, tag: tagToSet(tag), data, enterprise });
  };

/** Sets of tags, all of which a client must have. */
const tagSet =
  (list: (config: Config) => (readonly string[])[]): OptionHandler =>
  ({ config }, arg) => {
    const words = arg === '' ? [] : splitAll(arg).reverse();
    list(config).unshift(words.map((w) => unhide(isTag(w) ? w.slice(4) : w)));
  };

function addTagIf({ config }: OptionContext, arg: string): void {
  const sets: string[] = [];
  const tags: string[] = [];
  for (const part of splitAll(arg)) {
    const name = unhide(part.slice(4));
    if (part.length >= 5 && part.startsWith('set:')) sets.unshift(name);
    else if (part.length >= 5 && part.startsWith('tag:')) tags.unshift(name);
    else throw new OptionError('bad tag-if');
  }
  if (sets.length === 0) throw new OptionError('bad tag-if');
  config.dhcp.tagIfs.push({ sets, tags });
}

function addBoot({ config, genericError }: OptionContext, arg: string): void {
  const { tags, rest } = cutTags(arg);
  const [file, behind] = split(need(rest, genericError));
  const [name, server] = behind === undefined ? [undefined, undefined] : split(behind);
  const addr = server === undefined ? undefined : parseIpv4(unhide(server));
  config.dhcp.boots.unshift({
    tags,
    file: unhide(file),
    serverName: name === undefined ? undefined : unhide(name),
    server: addr ?? (0 as Ipv4Addr),
    serverHost: server === undefined || addr !== undefined ? undefined : unhide(server),
  });
}

function addNameMatch({ config, genericError }: OptionContext, arg: string): void {
  const [tag, name] = split(arg);
  if (name === undefined || name === '') throw new OptionError(genericError);
  const wildcard = name.endsWith('*');
  const stem = unhide(wildcard ? name.slice(0, -1) : name);
  config.dhcp.nameMatches.unshift({ tag: tagToSet(tag), name: stem, wildcard });
}

function addMac({ config, genericError }: OptionContext, arg: string): void {
  const [tag, mac] = split(arg);
  try {
    const rule = { tag: tagToSet(tag), hardware: hardware(unhide(need(mac, genericError))) };
    config.dhcp.macs.unshift(rule);
  } catch (e) {
    if (e instanceof OptionError) throw new OptionError(genericError);
    throw e;
  }
}

function addDelay({ config, genericError }: OptionContext, arg: string): void {
  const { tags, rest } = cutTags(arg);
  const delay = need(parseInteger(need(rest, genericError)), genericError);
  config.dhcp.delays.unshift({ tags, delay });
}

/** Options that put clients into groups and say what goes for a group. */
export const tagOptions: OptionHandlers = {
  U: classRule('vendor'),
  j: classRule('user'),
  'dhcp-circuitid': classRule('circuit'),
  'dhcp-remoteid': classRule('remote'),
  'dhcp-subscrid': classRule('subscriber'),
  '4': addMac,
  'dhcp-name-match': addNameMatch,
  'tag-if': addTagIf,
  J: tagSet((c) => c.dhcp.ignore),
  'dhcp-ignore-names': tagSet((c) => c.dhcp.ignoreNames),
  'dhcp-generate-names': tagSet((c) => c.dhcp.generateNames),
  'dhcp-broadcast': tagSet((c) => c.dhcp.broadcast),
  '3': tagSet((c) => c.dhcp.bootpDynamic),
  M: addBoot,
  'dhcp-reply-delay': addDelay,
};
