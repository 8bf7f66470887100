/** `nft monitor`: prints what others change until a signal ends it. src/monitor.c */
import { POLLIN } from '@labwire/core/sim';
import type { NftEvent, NftListener } from '@labwire/devices/netfilter';
import { SignalFlag } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { jsonEvent } from '../json/list.ts';
import { jsonText } from '../json/value.ts';
import type { Command } from '../parse/index.ts';
import type { Style } from '../type/index.ts';
import { eventText, generationText } from './text.ts';

/** Whose batch the listeners of a namespace are just told of: each `nft` says so before it is taken. */
export const CHANGER: WeakMap<object, number> = new WeakMap<object, number>();

const KINDS: Readonly<Record<string, readonly NftEvent['what'][]>> = {
  tables: ['table'],
  chains: ['chain'],
  rules: ['rule'],
  sets: ['set'],
  elements: ['element'],
};

function isWanted(e: NftEvent, { only, what }: NonNullable<Command['monitored']>): boolean {
  const isObject = e.what === 'object' || e.what === 'flowtable'; // new and destroy leave them out
  if (only !== undefined && (isObject || (e.op === 'delete') !== (only === 'destroy')))
    return false;
  return what === undefined || what === 'ruleset' || KINDS[what]?.includes(e.what) === true;
}

/** Prints changes as they are made. */
export async function monitor(
  proc: Process,
  c: Command,
  style: () => Style,
  json: boolean,
): Promise<void> {
  const wanted = c.monitored ?? {};
  const isAll = wanted.only === undefined && (wanted.what ?? 'ruleset') === 'ruleset';
  const { nft } = proc.netns.netfilter;
  const news = new SignalFlag();
  let text = '';
  const hear: NftListener = (events, generation) => {
    const now = style();
    for (const e of events.filter((x) => isWanted(x, wanted)))
      text += json ? `${jsonText(jsonEvent(e, now))}\n` : `${eventText(e, now)}\n`;
    if (isAll && !json) text += generationText(generation, CHANGER.get(nft) ?? 0);
    news.raise();
  };
  nft.listeners.add(hear);
  try {
    for (;;) {
      await proc.poll([{ on: news, events: POLLIN }], undefined, 'changes of tables');
      news.raised = false;
      const out = text;
      text = '';
      await proc.out(out);
    }
  } finally {
    nft.listeners.delete(hear);
  }
}
