export type * from './event.ts';
export type * from './expr.ts';
export {
  elementName,
  type NftElement,
  type NftInterval,
  type NftKeyPart,
  type NftObjectType,
  type NftSet,
} from './set.ts';
export type * from './stmt.ts';
export type * from './table.ts';
