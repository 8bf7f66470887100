/** `nft -e`: what a batch has added, with the handles that it got. src/libnftables.c, NLM_F_ECHO */
import type { NfTables, NftEvent } from '@labwire/devices/netfilter';
import { jsonEvent } from '../json/list.ts';
import { jsonText } from '../json/value.ts';
import type { Style } from '../type/index.ts';
import { eventText, generationText } from './text.ts';

/** Runs a batch. @returns what is echoed of it: nothing of what only goes away */
export function echoed(
  nft: NfTables,
  style: Style,
  json: boolean,
  pid: number,
  run: () => void,
): string {
  let text = '';
  const hear = (all: readonly NftEvent[], generation: number): void => {
    const events = all.filter((e) => e.op !== 'delete' || e.replaced === true);
    if (events.length === 0) return;
    if (json) text = `${jsonText({ nftables: events.map((e) => jsonEvent(e, style)) })}\n`;
    else {
      const lines = events.map((e) => `${eventText(e, style)}\n`).join('');
      text = lines + generationText(generation, pid);
    }
  };
  nft.listeners.add(hear);
  try {
    run();
  } finally {
    nft.listeners.delete(hear);
  }
  return text;
}
