/** Listings as JSON. src/json.c */
import type { NftTable } from '@labwire/devices/netfilter';
import { NftError } from '../lex/index.ts';
import type { Command } from '../parse/index.ts';
import { type Json, jsonText } from './value.ts';

const METAINFO: Json = {
  metainfo: { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 },
};

function table(t: NftTable): Json {
  return {
    table: {
      family: t.family,
      name: t.name,
      handle: t.handle,
      flags: t.dormant ? 'dormant' : undefined,
      comment: t.comment,
    },
  };
}

/** The text of a listing. */
export function jsonListing(tables: readonly NftTable[], c: Command): string {
  if (c.subject !== 'tables')
    throw new NftError(`Labwire's nft lists tables as JSON (-j), not yet ${c.subject}`, c.loc);
  const wanted = tables.filter((t) => c.family === undefined || t.family === c.family);
  return `${jsonText({ nftables: [METAINFO, ...wanted.map(table)] })}\n`;
}
