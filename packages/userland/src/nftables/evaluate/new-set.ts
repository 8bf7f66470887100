/** Sets of a rule of its own. */
import {
  elementName,
  type NftElement,
  type NftExpr,
  type NftKeyPart,
  type NftSet,
  type NftSetLiteral,
} from '@labwire/devices/netfilter';

/** The parts of what an expression yields. */
export function keyParts(e: NftExpr): NftKeyPart[] {
  if (e.kind === 'concat') return e.parts.flatMap(keyParts);
  return [{ type: e.type, bits: e.bits }];
}

/** A set without a name. */
export function anonymousSet(
  key: readonly NftKeyPart[],
  elements: readonly NftElement[],
  more: Partial<NftSet> = {},
): NftSetLiteral {
  const set: NftSet = {
    name: '',
    handle: 0,
    anonymous: true,
    key,
    constant: true,
    interval: false,
    dynamic: false,
    hasTimeout: false,
    autoMerge: false,
    stmts: [],
    elements: new Map(elements.map((e) => [elementName(e.key), e])),
    version: 0,
    ...more,
  };
  return { kind: 'set', set, type: key[0]?.type ?? 'integer', bits: 0 };
}

/** A set of numbers, of the type of `like`. */
export function valueSet(like: NftExpr, values: readonly number[]): NftSetLiteral {
  const elements = values.map((n) => ({ key: [{ lo: BigInt(n), hi: BigInt(n) }], stmts: [] }));
  return anonymousSet(keyParts(like), elements);
}
