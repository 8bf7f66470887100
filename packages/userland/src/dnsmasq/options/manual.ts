import { getoptRows } from '../../libc-net/index.ts';
import type { Manual } from '../../machine/index.ts';
import { isHandled } from './apply-option.ts';
import { REFUSED_OPTIONS } from './handlers/index.ts';
import { FILE_OPTIONS } from './option-reader.ts';
import { LONG_OPTIONS, SHORT_OPTIONS } from './option-table.ts';
import { usageText } from './usage-text.ts';

/** What dnsmasq can be told, on its command line and in its files. */
export function dnsmasqManual(): Manual {
  const unheard = LONG_OPTIONS.map((o) => o.key).filter(
    (key) => !isHandled(key) && FILE_OPTIONS[key] === undefined,
  );
  const rows = getoptRows({
    letters: SHORT_OPTIONS,
    longs: LONG_OPTIONS,
    usage: usageText(),
    refused: [...REFUSED_OPTIONS, ...unheard],
  });
  return [{ title: 'Options, and keywords of its files without their dashes', rows }];
}
