import type { LongOption } from '../libc-net/index.ts';
import { Exit } from './exit.ts';

/** Families that the options know and this kernel does not have. */
const ELSEWHERE = ['unix', 'ax25', 'netrom', 'rose', 'ipx', 'ddp', 'ec', 'x25', 'ash', 'bluetooth'];

/** Options that name a family. net-tools lib/af.c */
export const FAMILY_OPTIONS: readonly LongOption[] = ['inet', 'inet6'].map((name) => ({
  name,
  arg: 'no',
  key: name,
}));

/** The family of `-A`. @throws Exit for one that is not known */
export function familyNamed(name: string): 'inet' | 'inet6' {
  if (name === 'inet' || name === 'inet6') return name;
  if (ELSEWHERE.includes(name))
    throw new Exit(1, `Address family \`${name}' is not supported by Labwire; supported: inet\n`);
  throw new Exit(1, `Unknown address family \`${name}'.\n`);
}
