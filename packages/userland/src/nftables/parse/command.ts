/** Commands. src/parser_bison.y, base_cmd */
import type { NftFamily, NftObjectType } from '@labwire/devices/netfilter';
import { NftError, type Source, span } from '../lex/index.ts';
import type { Command, Node, NumberAt, Subject } from '../syntax/index.ts';
import { type Includer, Tokens } from '../syntax/index.ts';
import { chainBlock, commonBlock, flowtableBlock, identOf, setBlock, tableBlock } from './block.ts';
import { primary } from './expression/index.ts';
import { OBJECT_WORDS, objectBody, objectType } from './object.ts';
import { setBlockExpr } from './set.ts';
import { rule } from './statement.ts';

const FAMILIES = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/** A command while it is read. */
type Draft = { -readonly [K in keyof Command]: Command[K] };

function family(p: Tokens): NftFamily {
  return p.at(...FAMILIES) ? (p.next().text as NftFamily) : 'ip';
}

function numberAt(p: Tokens): NumberAt {
  const value = p.number();
  return { value, loc: p.lastLoc };
}

function tableSpec(p: Tokens, c: Draft): void {
  const given = p.at(...FAMILIES);
  c.family = family(p);
  if (p.peek().kind !== 'string') p.fail(...(given ? ['string'] : ['string']));
  c.table = identOf(p.next());
}

function nameSpec(p: Tokens, c: Draft): void {
  tableSpec(p, c);
  c.name = identOf(p.identifier());
}

/** By name, or by handle where that may be. */
function nameOrHandle(p: Tokens, c: Draft): void {
  tableSpec(p, c);
  if (p.take('handle')) c.handle = numberAt(p);
  else c.name = identOf(p.identifier());
}

function rulePosition(p: Tokens, c: Draft): void {
  if (p.at('position', 'handle')) {
    const head = p.next();
    const n = numberAt(p);
    c.position = head.text === 'position' ? { value: n.value, loc: p.since(head.loc) } : n;
  } else if (p.at('index')) {
    const head = p.next();
    c.index = { value: p.number(), loc: p.since(head.loc) };
  }
}

/** What `add`, `create` and their like are about. */
function addCommand(p: Tokens, c: Draft): void {
  if (p.take('table')) {
    c.subject = 'table';
    tableSpec(p, c);
    if (p.at('{'))
      c.block = tableBlock(p, c.family as NftFamily, c.table as NonNullable<Command['table']>);
  } else if (p.take('chain')) {
    c.subject = 'chain';
    nameSpec(p, c);
    if (p.at('{')) c.chain = chainBlock(p);
  } else if (p.at('set', 'map')) {
    const isMap = p.next().text === 'map';
    c.subject = isMap ? 'map' : 'set';
    nameSpec(p, c);
    if (!p.at('{')) p.fail("'{'");
    c.set = setBlock(p, isMap);
  } else if (p.take('element')) elementCommand(p, c);
  else if (p.take('flowtable')) {
    c.subject = 'flowtable';
    nameSpec(p, c);
    if (!p.at('{')) p.fail("'{'");
    c.flowtable = flowtableBlock(p);
  } else if (p.at(...OBJECT_WORDS)) addObject(p, c);
  else addRule(p, c);
}

function addRule(p: Tokens, c: Draft): void {
  c.subject = 'rule';
  if (!p.take('rule') && c.op !== 'add') p.fail();
  nameSpec(p, c);
  rulePosition(p, c);
  c.rule = rule(p);
}

function elementCommand(p: Tokens, c: Draft): void {
  c.subject = 'element';
  nameSpec(p, c);
  if (!p.at('{', '$')) p.fail("'{'", "'$'");
  c.elements = setBlockExpr(p);
}

function addObject(p: Tokens, c: Draft): void {
  c.subject = 'object';
  c.objectType = objectType(p);
  nameSpec(p, c);
  const { data, comment } = objectBody(p, c.objectType);
  c.object = data;
  if (comment !== undefined) c.comment = comment;
}

function replaceCommand(p: Tokens, c: Draft): void {
  p.want('rule');
  c.subject = 'rule';
  nameSpec(p, c);
  p.want('handle');
  c.handle = numberAt(p);
  c.rule = rule(p);
}

function insertCommand(p: Tokens, c: Draft): void {
  p.want('rule');
  c.subject = 'rule';
  nameSpec(p, c);
  rulePosition(p, c);
  c.rule = rule(p);
}

function deleteCommand(p: Tokens, c: Draft): void {
  if (p.take('table')) {
    c.subject = 'table';
    c.family = family(p);
    if (p.take('handle')) c.handle = numberAt(p);
    else c.table = identOf(p.identifier());
  } else if (p.take('rule')) {
    c.subject = 'rule';
    nameSpec(p, c);
    p.want('handle');
    c.handle = numberAt(p);
  } else if (p.take('element')) elementCommand(p, c);
  else if (p.at('chain', 'set', 'map', 'flowtable')) {
    c.subject = p.next().text as Subject;
    nameOrHandle(p, c);
    if (c.subject === 'flowtable' && p.at('{')) c.flowtable = flowtableBlock(p);
  } else if (p.at(...OBJECT_WORDS)) {
    c.subject = 'object';
    c.objectType = objectType(p);
    nameOrHandle(p, c);
  } else p.fail();
}

const PLURALS: Readonly<Record<string, NftObjectType>> = {
  counters: 'counter',
  quotas: 'quota',
  limits: 'limit',
  secmarks: 'secmark',
  synproxys: 'synproxy',
};

/** `[FAMILY]`, all if it is not given. */
function anyFamily(p: Tokens): NftFamily | undefined {
  return p.at(...FAMILIES) ? (p.next().text as NftFamily) : undefined;
}

function listCommand(p: Tokens, c: Draft): void {
  const word = p.peek().text;
  const plural = PLURALS[word];
  if (
    ['tables', 'chains', 'sets', 'maps', 'meters', 'flowtables', 'hooks', 'ruleset'].includes(word)
  ) {
    p.next();
    c.subject = word as Subject;
    if (word === 'sets' && p.take('table')) tableSpec(p, c);
    else c.family = anyFamily(p);
    if (word === 'hooks' && p.take('device')) c.name = identOf(p.string());
  } else if (plural !== undefined) {
    p.next();
    c.subject = 'objects';
    c.objectType = plural;
    if (p.take('table')) tableSpec(p, c);
    else c.family = anyFamily(p);
  } else listOne(p, c);
}

function listOne(p: Tokens, c: Draft): void {
  if (p.take('table')) {
    c.subject = 'table';
    tableSpec(p, c);
  } else if (p.at('chain', 'set', 'map', 'meter', 'flowtable')) {
    c.subject = p.next().text as Subject;
    nameSpec(p, c);
  } else if (p.take('ct')) {
    if (!p.at('helpers', 'timeout', 'expectation', 'helper'))
      p.fail('timeout', 'expectation', 'helper', 'helpers');
    const word = p.next().text;
    c.objectType = `ct ${word.replace(/s$/, '')}` as NftObjectType;
    c.subject = p.take('table') ? 'objects' : 'object';
    if (c.subject === 'objects') tableSpec(p, c);
    else if (word === 'helpers') p.fail('table');
    else nameSpec(p, c);
  } else if (p.at(...OBJECT_WORDS)) {
    c.subject = 'object';
    c.objectType = objectType(p);
    nameSpec(p, c);
  } else p.fail();
}

function flushCommand(p: Tokens, c: Draft): void {
  if (p.take('ruleset')) {
    c.subject = 'ruleset';
    c.family = anyFamily(p);
  } else if (p.take('table')) {
    c.subject = 'table';
    tableSpec(p, c);
  } else if (p.at('chain', 'set', 'map', 'meter')) {
    c.subject = p.next().text as Subject;
    nameSpec(p, c);
  } else p.fail();
}

function resetCommand(p: Tokens, c: Draft): void {
  const plural = PLURALS[p.peek().text];
  if (plural === 'counter' || plural === 'quota') listCommand(p, c);
  else if (p.at('counter', 'quota')) listOne(p, c);
  else p.fail('counter', 'quota', 'counters', 'quotas');
}

function renameCommand(p: Tokens, c: Draft): void {
  p.want('chain');
  c.subject = 'chain';
  nameSpec(p, c);
  c.newName = p.identifier().text;
}

const MONITORED = ['tables', 'chains', 'sets', 'rules', 'elements', 'ruleset', 'trace'];

/** `monitor [new|destroy] [tables|chains|sets|rules|elements|ruleset|trace] [json]` */
function monitorCommand(p: Tokens, c: Draft): void {
  const which = p.peek();
  const isWord = (t: { kind: string }): boolean => t.kind === 'word' || t.kind === 'string';
  if (isWord(which) && (which.text === 'new' || which.text === 'destroy')) {
    p.next();
    c.monitored = { only: which.text };
  }
  const what = p.peek();
  if (isWord(what) && MONITORED.includes(what.text)) {
    p.next();
    if (what.text === 'trace')
      throw new NftError(
        "Labwire's nft has no monitor trace; xtables-monitor --trace tells of iptables' rules",
        what.loc,
      );
    c.monitored = { ...c.monitored, what: what.text };
  }
  if (p.take('json')) c.monitored = { ...c.monitored, json: true };
}

const VERBS: Readonly<Record<string, (p: Tokens, c: Draft) => void>> = {
  add: addCommand,
  create: addCommand,
  replace: replaceCommand,
  insert: insertCommand,
  delete: deleteCommand,
  get: (p, c) => {
    if (!p.take('element')) p.fail('element');
    elementCommand(p, c);
  },
  list: listCommand,
  reset: resetCommand,
  flush: flushCommand,
  rename: renameCommand,
  describe: (p, c) => {
    c.expr = primary(p);
  },
  monitor: monitorCommand,
};

function command(p: Tokens): Command {
  const head = p.peek();
  const c: Draft = { op: 'add', subject: 'ruleset', loc: head.loc, family: undefined };
  const verb = head.kind === 'word' ? VERBS[head.text] : undefined;
  if (verb !== undefined) {
    p.next();
    c.op = head.text as Command['op'];
    p.within(c.op === 'list' || c.op === 'reset' ? 'list' : '', () => verb(p, c));
  } else if (head.kind === 'word' && ['import', 'export'].includes(head.text)) {
    throw new NftError(`Labwire's nft has no ${head.text}`, head.loc);
  } else addCommand(p, c);
  c.loc = p.since(head.loc);
  return c;
}

/** Reads all commands of a text. @throws NftError the first that is wrong */
export function parseCommands(
  source: Source,
  include: Includer,
  defines?: Map<string, Node>,
): Command[] {
  const p = new Tokens(source, include, defines);
  const commands: Command[] = [];
  for (;;) {
    p.separators();
    if (p.peek().kind === 'end') return commands;
    if (commonBlock(p)) continue;
    const c = command(p);
    if (!p.atSeparator && p.peek().kind !== 'end') p.fail('end of file', 'newline', 'semicolon');
    commands.push(p.atSeparator ? { ...c, loc: span(c.loc, p.next().loc) } : c);
  }
}
