export { ipLink, linkManual } from './link.ts';
export { TYPES_USAGE } from './usage.ts';
