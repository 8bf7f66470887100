export { dropXtTables, flushXt, type XtView, xtViews } from './tables.ts';
