import { describe, expect, it } from 'vitest';
import type { HookName, XtRule, XtTable, XtTableName } from './rule.ts';
import { newChain, TABLE_HOOKS } from './tables.ts';
import type { XtTarget } from './target.ts';
import { checkRule, validateTable } from './validate.ts';

const NAT = { random: false, randomFully: false, persistent: false };
const MASQUERADE: XtTarget = { kind: 'MASQUERADE', ...NAT };

function rule(target: XtTarget, proto?: number): XtRule {
  return {
    ...(proto === undefined ? {} : { proto: { number: proto, invert: false } }),
    matches: [],
    target,
    counters: { packets: 0, bytes: 0 },
  };
}

function table(name: XtTableName, ...own: string[]): XtTable {
  const base = TABLE_HOOKS[name].hooks.map((h) => newChain(h, 'ACCEPT', true));
  const chains = [...base, ...own.map((n) => newChain(n, undefined, false))];
  return { family: 'inet', name, chains: new Map(chains.map((c) => [c.name, c])) };
}

/** What is said of a rule in a chain. */
function check(t: XtTable, chain: string, r: XtRule): string | undefined {
  const holder = t.chains.get(chain);
  if (holder === undefined) throw new Error(chain);
  return checkRule(r, t, holder);
}

describe('a rule by itself', () => {
  it('must be in a table that its target is for', () => {
    expect(check(table('filter', 'own'), 'own', rule(MASQUERADE))).toBe('EINVAL');
    expect(check(table('nat', 'own'), 'own', rule(MASQUERADE))).toBeUndefined();
  });

  it.each<[HookName, string | undefined]>([
    ['PREROUTING', 'EINVAL'],
    ['INPUT', 'EINVAL'],
    ['OUTPUT', 'EINVAL'],
    ['POSTROUTING', undefined],
  ])('masquerades in %s: %s', (hook, errno) => {
    expect(check(table('nat'), hook, rule(MASQUERADE))).toBe(errno);
  });

  it('resets TCP only', () => {
    const reset: XtTarget = { kind: 'REJECT', with: 'tcp-reset' };
    expect(check(table('filter'), 'INPUT', rule(reset))).toBe('EINVAL');
    expect(check(table('filter'), 'INPUT', rule(reset, 6))).toBeUndefined();
  });

  it('jumps neither to nowhere nor to a base chain', () => {
    const t = table('filter', 'own');
    expect(check(t, 'INPUT', rule({ kind: 'jump', chain: 'own' }))).toBeUndefined();
    expect(check(t, 'INPUT', rule({ kind: 'jump', chain: 'gone' }))).toBe('ENOENT');
    expect(check(t, 'INPUT', rule({ kind: 'goto', chain: 'OUTPUT' }))).toBe('EOPNOTSUPP');
  });
});

describe('the ways through a table', () => {
  it('may not lead from a wrong hook to a target', () => {
    const t = table('nat', 'own');
    t.chains.get('own')?.rules.push(rule(MASQUERADE));
    expect(validateTable(t)).toBeUndefined();
    t.chains.get('POSTROUTING')?.rules.push(rule({ kind: 'jump', chain: 'own' }));
    expect(validateTable(t)).toBeUndefined();
    t.chains.get('PREROUTING')?.rules.push(rule({ kind: 'jump', chain: 'own' }));
    expect(validateTable(t)).toBe('EINVAL');
  });

  it('may go round only where no base chain leads', () => {
    const t = table('filter', 'a', 'b');
    t.chains.get('a')?.rules.push(rule({ kind: 'jump', chain: 'b' }));
    t.chains.get('b')?.rules.push(rule({ kind: 'jump', chain: 'a' }));
    expect(validateTable(t)).toBeUndefined();
    t.chains.get('INPUT')?.rules.push(rule({ kind: 'goto', chain: 'b' }));
    expect(validateTable(t)).toBe('ELOOP');
  });
});
