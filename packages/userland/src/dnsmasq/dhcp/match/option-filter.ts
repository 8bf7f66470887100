import type { OptionRule, TagIf } from '../../config/index.ts';
import { type Tags, tagsFit, withTagIfs } from './tags.ts';

/** Options that a client may be sent, and the tags that say so. */
export interface FilteredOptions {
  readonly tags: Tags;
  readonly options: readonly OptionRule[];
}

/**
 * Chooses options by tags: of each code one, tagged ones before others, and those for the tag of the range only where
 * nothing else is there.
 * @param rangeTag the tag of the client's range
 * @param duplicate is told of an option that is set twice
 * dnsmasq src/dhcp-common.c, option_filter()
 */
export function filterOptions(
  rules: readonly TagIf[],
  all: readonly OptionRule[],
  clientTags: Tags,
  rangeTag: string | undefined,
  duplicate: (code: number) => void,
): FilteredOptions {
  const plain = all.filter((o) => o.place.kind === 'plain');
  let tags = withTagIfs(rules, clientTags);
  let chosen = new Set(plain.filter((o) => tagsFit(o.tags, tags, false)));
  const has = (code: number) => [...chosen].some((o) => o.code === code);
  if (rangeTag !== undefined) {
    tags = withTagIfs(rules, [rangeTag, ...clientTags]);
    chosen = new Set([...chosen].filter((o) => tagsFit(o.tags, tags, false)));
    for (const option of plain)
      if (!chosen.has(option) && tagsFit(option.tags, tags, false) && !has(option.code))
        chosen.add(option);
  }
  for (const option of plain) {
    if (option.tags.length > 0 || chosen.has(option)) continue;
    const same = plain.find((o) => o.code === option.code && chosen.has(o));
    if (same === undefined) chosen.add(option);
    else if (same.tags.length === 0) duplicate(option.code);
  }
  const options: OptionRule[] = [];
  for (const option of plain)
    if (chosen.has(option) && !options.some((o) => o.code === option.code)) options.push(option);
  return { tags, options };
}
