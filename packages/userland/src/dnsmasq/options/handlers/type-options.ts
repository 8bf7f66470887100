import { typeNumber } from '@labwire/devices/dns';
import { parseInteger, splitAll } from '../option-text.ts';
import { need, type OptionContext, type OptionHandlers } from './handler.ts';

const TYPE_A = 1;
const TYPE_AAAA = 28;

/** Types by name or number. */
function types(arg: string): number[] {
  return splitAll(arg).map((word) => need(parseInteger(word) ?? typeNumber(word), 'bad RR type'));
}

/** Which types of records are left out of answers, or kept in the cache. */
export const typeOptions: OptionHandlers = {
  'filter-A': ({ config }: OptionContext) => void config.filterTypes.push(TYPE_A),
  'filter-AAAA': ({ config }: OptionContext) => void config.filterTypes.push(TYPE_AAAA),
  'filter-rr': ({ config }, arg) => void config.filterTypes.push(...types(arg)),
  'cache-rr': ({ config }, arg) => void config.cacheTypes.push(...types(arg)),
};
