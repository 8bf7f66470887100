import type { OwnerMatch, Range } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { strtouiPrefix } from '../../core/numbers.ts';
import type { OptionCall } from '../../core/option.ts';
import { badValue, not } from '../format.ts';

type State = { -readonly [K in keyof OwnerMatch]: OwnerMatch[K] };

/** The largest id is that of nobody at all. */
const MAX_ID = 0xffff_fffe;

/** A number, or two with `-` or `:` between. `owner_parse_range()` */
function parseIds(text: string, option: string): Range {
  const bad = badValue('owner', `--${option}`, text);
  const first = strtouiPrefix(text, 0, MAX_ID);
  if (first === undefined) throw bad;
  if (first.rest === '') return { min: first.value, max: first.value };
  const second = /^[-:]/.test(first.rest)
    ? strtouiPrefix(first.rest.slice(1), 0, MAX_ID)
    : undefined;
  if (second?.rest !== '') throw bad;
  return { min: first.value, max: second.value };
}

function parse({ name, value, invert, rule }: OptionCall, state: State): void {
  const ids = (id: number | undefined): Range & { readonly invert: boolean } => ({
    ...(id === undefined ? parseIds(value.text, name) : { min: id, max: id }),
    invert,
  });
  if (name === 'uid-owner') state.uid = ids(rule.userId(value.text));
  else if (name === 'gid-owner') state.gid = ids(rule.groupId(value.text));
  else if (name === 'socket-exists') state.socketExists = { invert };
  else {
    if (state.gid === undefined)
      throw badValue('owner', '--suppl-groups', 'you need to use --gid-owner first');
    state.supplGroups = true;
  }
}

function item(
  label: string,
  m: (Range & { readonly invert: boolean }) | undefined,
  name: (id: number) => string | undefined,
): string {
  if (m === undefined) return '';
  const text = m.min === m.max ? (name(m.min) ?? m.min) : `${m.min}-${m.max}`;
  return `${not(m)} ${label} ${text}`;
}

function noName(): undefined {
  return undefined;
}

/** `-m owner`. extensions/libxt_owner.c */
export const owner: MatchExtension = defineMatch<OwnerMatch, State>({
  name: 'owner',
  kinds: ['owner'],
  options: [
    { name: 'uid-owner', type: 'string', invert: true },
    { name: 'gid-owner', type: 'string', invert: true },
    { name: 'socket-exists', type: 'none', invert: true },
    { name: 'suppl-groups', type: 'none' },
  ],
  init: () => ({ kind: 'owner', supplGroups: false }),
  parse,
  check(_state, seen) {
    if (seen.size === 0)
      throw parameterProblem(
        'owner: At least one of --uid-owner, --gid-owner or --socket-exists is required',
      );
  },
  finish: (state) => state,
  print: (m, { numeric, names }) =>
    (m.socketExists === undefined ? '' : `${not(m.socketExists)} owner socket exists`) +
    item('owner UID match', m.uid, numeric ? noName : names.userName) +
    item('owner GID match', m.gid, numeric ? noName : names.groupName) +
    (m.supplGroups ? ' incl. suppl. groups' : ''),
  save: (m) =>
    (m.socketExists === undefined ? '' : `${not(m.socketExists)} --socket-exists`) +
    item('--uid-owner', m.uid, noName) +
    item('--gid-owner', m.gid, noName) +
    (m.supplGroups ? ' --suppl-groups' : ''),
});
