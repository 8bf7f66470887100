/** The blocks of tables, chains, sets, maps and flowtables. src/parser_bison.y, table_block … flowtable_block */
import type { NftFamily, NftObjectType } from '@labwire/devices/netfilter';
import { type Loc, NftError, span, type Token } from '../lex/index.ts';
import type {
  ChainBlock,
  Command,
  FlowtableBlock,
  Ident,
  SetBlock,
  TableBlock,
  Tokens,
} from '../syntax/index.ts';
import { concatExpr, primary } from './expression/index.ts';
import { OBJECT_WORDS, objectBody, objectType } from './object.ts';
import { commentText, initializer, setBlockExpr, timeSpec } from './set.ts';
import { isStateful, statefulStmt } from './stateful.ts';
import { rule } from './statement.ts';

/** A word or text as a name with its place. */
export function identOf(t: Token): Ident {
  return { text: t.text, loc: t.loc };
}

/** `include`, `define`, `redefine`, `undefine`. @returns false if none of them comes */
export function commonBlock(p: Tokens): boolean {
  if (p.at('include')) {
    const head = p.next();
    const t = p.next();
    if (t.kind !== 'quoted')
      throw new NftError('syntax error, unexpected string, expecting quoted string', t.loc);
    endOfLine(p);
    const from = { ...p.lastLoc, from: head.loc.from };
    const sources = p.include(t.text);
    if (sources === undefined) throw new NftError(`File not found: ${t.text}`, from);
    for (const s of [...sources].reverse()) p.push({ ...s, from });
    return true;
  }
  if (p.at('define', 'redefine')) {
    const again = p.next().text === 'redefine';
    const name = p.identifier();
    p.want('=');
    p.define(name, initializer(p), again);
    return true;
  }
  if (p.take('undefine')) {
    p.undefine(p.identifier());
    return true;
  }
  return false;
}

/** What ends a line must come. */
export function endOfLine(p: Tokens): void {
  if (p.atSeparator) p.next();
  else if (p.peek().kind !== 'end') p.fail('newline', 'semicolon');
}

/** Reads lines up to the closing brace. @returns the place of the last line's end */
function block(p: Tokens, line: () => boolean): Loc {
  p.want('{');
  for (;;) {
    p.separators();
    const last = p.lastLoc;
    if (p.take('}')) return last;
    if (commonBlock(p)) continue;
    const needsEnd = line();
    if (needsEnd) endOfLine(p);
  }
}

function priority(p: Tokens): Ident {
  const t = p.peek();
  if (p.at('$')) {
    const v = p.variable();
    if (v.k !== 'sym') throw new NftError('invalid priority', v.loc);
    return { text: v.text, loc: v.loc };
  }
  if (p.take('-')) return { text: `-${p.number()}`, loc: p.since(t.loc) };
  if (t.kind === 'number') return { text: String(p.number()), loc: t.loc };
  const name = p.identifier();
  if (!p.at('+', '-')) return identOf(name);
  const sign = p.next().text;
  return { text: `${name.text} ${sign} ${p.number()}`, loc: p.since(t.loc) };
}

function deviceList(p: Tokens): string[] {
  if (p.at('$')) {
    const v = p.variable();
    if (v.k === 'sym') return [v.text];
    if (v.k === 'set') return v.elements.map((e) => (e.key.k === 'sym' ? e.key.text : ''));
    throw new NftError('no devices', v.loc);
  }
  const out: string[] = [];
  p.want('{');
  for (p.newlines(); !p.at('}'); p.newlines()) {
    if (p.at('$')) out.push(...deviceList(p));
    else out.push(p.string().text);
    p.newlines();
    if (!p.take(',')) break;
  }
  p.newlines();
  p.want('}');
  return out;
}

/** `type T hook H [device D] priority P` */
function hookSpec(p: Tokens, c: ChainBlock): void {
  const head = p.next();
  const type = identOf(p.identifier());
  p.want('hook');
  const hook = identOf(p.identifier());
  let devices: string[] = [];
  if (p.take('device')) devices = p.at('$') ? deviceList(p) : [p.string().text];
  else if (p.take('devices')) {
    p.want('=');
    devices = deviceList(p);
  }
  const at = p.want('priority').loc;
  const own = { text: priority(p).text, loc: p.since(at) };
  c.base = { type, hook, priority: own, devices, loc: p.since(head.loc) };
}

function policySpec(p: Tokens, c: ChainBlock): void {
  const head = p.next();
  if (c.policy !== undefined) throw new NftError('you cannot set chain policy twice', head.loc);
  const t = p.peek();
  let value = t.text;
  if (p.at('$')) {
    const v = p.variable();
    value = v.k === 'sym' ? v.text : '';
    if (value !== 'accept' && value !== 'drop')
      throw new NftError('invalid policy expression', v.loc);
  } else p.want('accept', 'drop');
  c.policy = { value: value as 'accept' | 'drop', loc: p.since(head.loc) };
}

/** The block of a chain. */
export function chainBlock(p: Tokens): ChainBlock {
  const c: ChainBlock = { rules: [] };
  p.openScope();
  block(p, () => {
    if (p.at('type')) hookSpec(p, c);
    else if (p.at('policy')) policySpec(p, c);
    else if (p.at('flags') && p.after('offload')) {
      p.next();
      p.next();
      c.offload = true;
    } else if (p.at('comment')) c.comment = commentText(p);
    else c.rules.push(rule(p));
    return true;
  });
  p.closeScope();
  return c;
}

/** Data types with dots between them. */
function dataTypes(p: Tokens): Ident[] {
  const out: Ident[] = [];
  do {
    const t = p.peek();
    if (t.kind !== 'string' && !p.at('time', 'mark', 'day', 'hour')) p.fail();
    p.next();
    out.push(identOf(t));
  } while (p.take('.'));
  return out;
}

function mapData(p: Tokens, s: SetBlock): void {
  if (p.at('counter', 'quota', 'limit', 'secmark', 'synproxy')) {
    s.objectType = p.next().text as NftObjectType;
    return;
  }
  if (p.take('interval')) s.dataInterval = true;
  s.dataType = dataTypes(p);
}

function setLine(p: Tokens, s: SetBlock): boolean {
  if (p.take('type')) {
    s.type = dataTypes(p);
    if (s.isMap) {
      if (!p.at(':')) p.fail('colon', '.');
      p.want(':');
      mapData(p, s);
    }
  } else if (p.take('typeof')) {
    s.typeof = concatExpr(p, primary);
    if (s.isMap) {
      p.want(':');
      if (p.take('interval')) s.dataInterval = true;
      s.dataTypeof = concatExpr(p, primary);
    }
  } else if (p.take('flags')) {
    const flags: string[] = [];
    do flags.push(p.want('constant', 'interval', 'dynamic', 'timeout').text);
    while (p.take(','));
    s.flags = [...s.flags, ...flags];
  } else return setOption(p, s);
  return true;
}

function setOption(p: Tokens, s: SetBlock): boolean {
  if (p.take('timeout')) s.timeout = timeSpec(p);
  else if (p.take('gc-interval')) s.gcInterval = timeSpec(p);
  else if (p.take('size')) s.size = p.number();
  else if (p.take('policy')) {
    const t = p.peek();
    if (t.text !== 'performance' && t.text !== 'memory') p.fail('performance', 'memory');
    p.next();
    s.policy = t.text as 'performance' | 'memory';
  } else if (p.take('auto-merge')) {
    s.autoMerge = true;
    return false;
  } else if (p.at('comment')) s.comment = commentText(p);
  else if (p.take('elements')) {
    p.want('=');
    s.elements = setBlockExpr(p);
    return false;
  } else if (isStateful(p)) while (isStateful(p)) s.stmts.push(statefulStmt(p));
  else p.fail();
  return true;
}

/** The block of a set or map. */
export function setBlock(p: Tokens, isMap: boolean): SetBlock {
  const s: SetBlock = { isMap, loc: p.peek().loc, flags: [], stmts: [] };
  const last = block(p, () => setLine(p, s));
  return { ...s, loc: span(s.loc, last) };
}

/** The block of a flowtable. */
export function flowtableBlock(p: Tokens): FlowtableBlock {
  const f: FlowtableBlock = { devices: [], counter: false, offload: false };
  block(p, () => {
    if (p.take('hook')) {
      f.hook = identOf(p.identifier());
      p.want('priority');
      f.priority = priority(p);
    } else if (p.take('devices')) {
      p.want('=');
      f.devices = deviceList(p);
    } else if (p.take('counter')) {
      f.counter = true;
      return false;
    } else if (p.take('flags')) {
      p.want('offload');
      f.offload = true;
    } else p.fail();
    return true;
  });
  return f;
}

/** The block of a table, as the commands that it stands for. */
export function tableBlock(p: Tokens, family: NftFamily, table: Ident): TableBlock {
  const t: TableBlock = { dormant: false, commands: [] };
  p.openScope();
  block(p, () => {
    if (p.take('flags')) {
      const flag = p.identifier();
      if (flag.text !== 'dormant')
        throw new NftError(
          flag.text === 'owner'
            ? 'Labwire has no table flag owner, only dormant'
            : `unknown table option ${flag.text}`,
          flag.loc,
        );
      t.dormant = true;
    } else if (p.at('comment')) t.comment = commentText(p);
    else t.commands.push(tableItem(p, family, table));
    return true;
  });
  p.closeScope();
  return t;
}

function tableItem(p: Tokens, family: NftFamily, table: Ident): Command {
  const head = p.peek();
  const base = { op: 'add' as const, family, table };
  if (p.take('chain')) {
    const name = identOf(p.identifier());
    return { ...base, subject: 'chain', name, chain: chainBlock(p), loc: name.loc };
  }
  if (p.at('set', 'map')) {
    const isMap = p.next().text === 'map';
    const name = identOf(p.identifier());
    return {
      ...base,
      subject: isMap ? 'map' : 'set',
      name,
      set: setBlock(p, isMap),
      loc: name.loc,
    };
  }
  if (p.take('flowtable')) {
    const name = identOf(p.identifier());
    return { ...base, subject: 'flowtable', name, flowtable: flowtableBlock(p), loc: name.loc };
  }
  if (!p.at(...OBJECT_WORDS)) p.fail();
  const type = objectType(p);
  const name = identOf(p.identifier());
  const { data, comment } = objectBody(p, type);
  const cmd: Command = {
    ...base,
    subject: 'object',
    name,
    objectType: type,
    object: data,
    loc: p.since(head.loc),
  };
  return comment === undefined ? cmd : { ...cmd, comment };
}
