import type { TagIf } from '../../config/index.ts';

/** Tags of one client, the newest first. dnsmasq src/dnsmasq.h, struct dhcp_netid */
export type Tags = readonly string[];

function isNot(check: string): boolean {
  return check.startsWith('!') || check.startsWith('#');
}

/**
 * Whether a client has all tags of `check`, and none of those with `!` in front.
 * @param emptyFits whether no tags at all fit everybody
 * dnsmasq src/dhcp-common.c, match_netid()
 */
export function tagsFit(check: Tags, tags: Tags, emptyFits: boolean): boolean {
  if (check.length === 0) return emptyFits;
  return check.every((c) => (isNot(c) ? !tags.includes(c.slice(1)) : tags.includes(c)));
}

/** The same where `*` at the end of a tag stands for anything. match_netid_wild() */
function wildFit(check: Tags, tags: Tags): boolean {
  return check.every((c) => {
    const name = isNot(c) ? c.slice(1) : c;
    const stem = name.endsWith('*') ? name.slice(0, -1) : undefined;
    const found = tags.some((t) => (stem === undefined ? t === name : t.startsWith(stem)));
    return found !== isNot(c);
  });
}

/** Adds the tags that other tags bring: --tag-if. run_tag_if() */
export function withTagIfs(rules: readonly TagIf[], tags: Tags): Tags {
  let all = tags;
  for (const { tags: check, sets } of rules)
    if (wildFit(check, all)) all = [...[...sets].reverse(), ...all];
  return all;
}

/** Whether a client is in one of the groups; an empty group has everybody. */
export function inGroup(groups: readonly Tags[], tags: Tags): boolean {
  return groups.some((group) => tagsFit(group, tags, true));
}

/** Tags as a log line shows them, each once. log_tags() */
export function tagsText(tags: Tags): string {
  return tags
    .map((t, i) => (tags.includes(t, i + 1) ? '' : i < tags.length - 1 ? `${t}, ` : t))
    .join('');
}
