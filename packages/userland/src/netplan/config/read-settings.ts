import { parseIpv4, parseIpv6 } from '@labwire/core/addr';
import type { Node } from 'yaml';
import type { Settings, Value } from './net-def.ts';
import { FALSE, ROUTE_KEYS, type Rule, TRUE } from './schema.ts';
import type { Source } from './source.ts';

/** Reads a mapping by its rules into `into`, which may have values of earlier files. @throws NetplanError */
export function readSettings(
  source: Source,
  node: Node,
  keys: Readonly<Record<string, Rule>>,
  into: Settings,
): void {
  for (const [key, name, value] of source.entries(node, node)) {
    const rule = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (rule === undefined) throw source.error(key, `unknown key '${name}'`);
    const read = readValue(source, key, value, name, rule, into[name]);
    if (read !== undefined) into[name] = read;
  }
}

function readValue(
  source: Source,
  key: Node,
  node: Node,
  name: string,
  rule: Rule,
  before: Value | undefined,
): Value | undefined {
  switch (rule.type) {
    case 'refused':
      if (rule.boolean === true && !readBool(source, node)) return undefined;
      throw source.error(key, `'${name}' is not supported by Labwire`);
    case 'map': {
      const map = { ...(before as Settings | undefined) };
      readSettings(source, node, rule.keys, map);
      return map;
    }
    case 'list':
      return merged(before, readList(source, node, rule.check));
    case 'routes':
      return merged(before, readRoutes(source, node));
    case 'bool':
      return readBool(source, node);
    default: {
      const text = source.text(node);
      if (rule.type === 'uint') {
        if (!/^\d+$/.test(text)) throw source.error(node, `invalid unsigned int value '${text}'`);
        return Number(text);
      }
      const wrong = rule.check?.(text);
      if (wrong !== undefined) throw source.error(node, wrong);
      return text;
    }
  }
}

function readBool(source: Source, node: Node): boolean {
  const text = source.text(node);
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  throw source.error(node, `invalid boolean value '${text}'`);
}

function readList(
  source: Source,
  node: Node,
  check: ((text: string) => string | undefined) | undefined,
): Value[] {
  return source.items(node).map((item) => {
    const text = source.text(item);
    const wrong = check?.(text);
    if (wrong !== undefined) throw source.error(node, wrong);
    return text;
  });
}

/** Sequences of several files are one; what is there twice counts once. */
function merged(before: Value | undefined, more: Value[]): Value[] {
  const all = Array.isArray(before) ? [...before] : [];
  const seen = new Set(all.map((each) => JSON.stringify(each)));
  for (const each of more) {
    const text = JSON.stringify(each);
    if (!seen.has(text)) all.push(each);
    seen.add(text);
  }
  return all;
}

function readRoutes(source: Source, node: Node): Settings[] {
  return source.items(node).map((item) => {
    const route: Settings = {};
    let family: 4 | 6 | undefined;
    for (const [, name, value] of source.entries(item, item)) {
      if (name !== 'to' && name !== 'via') continue;
      const text = source.text(value);
      if (name === 'to' && text === 'default') continue;
      const own = familyOfText(name === 'to' ? (text.split('/')[0] as string) : text);
      if (own === undefined) throw source.error(value, "invalid IP family '-1'");
      if (family !== undefined && own !== family)
        throw source.error(value, `IP family mismatch in route to ${text}`);
      family = own;
    }
    readSettings(source, item, ROUTE_KEYS, route);
    const scope = route.scope ?? (route.via === undefined ? 'link' : 'global');
    if (route.to === undefined || (scope === 'global' && route.via === undefined))
      throw source.error(node, "global unicast route must include both a 'to' and 'via' IP");
    return route;
  });
}

function familyOfText(text: string): 4 | 6 | undefined {
  if (parseIpv4(text) !== undefined) return 4;
  return parseIpv6(text) === undefined ? undefined : 6;
}
