import type { Lookup } from '../dighost/index.ts';

/** What holds for all lookups of one dig. */
export interface DigSettings {
  /** +short */
  short: boolean;
  /** +cmd */
  showCommand: boolean;
  /** What +question and +comments said before any name: zone transfers go by that alone. */
  plusQuestion: boolean;
  plusComments: boolean;
  /** +domain */
  domain: string | undefined;
}

/** The settings at the start. */
export function digSettings(): DigSettings {
  return {
    short: false,
    showCommand: true,
    plusQuestion: false,
    plusComments: false,
    domain: undefined,
  };
}

/** +short: nothing but the data of answers. */
export function makeShort(settings: DigSettings, lookup: Lookup, on: boolean): void {
  settings.short = on;
  if (!on) return;
  settings.showCommand = false;
  lookup.additional = false;
  lookup.answer = true;
  lookup.authority = false;
  lookup.question = false;
  lookup.comments = false;
  lookup.stats = false;
}

/** +all: every part of the output. */
export function showAll(settings: DigSettings, lookup: Lookup, on: boolean): void {
  lookup.question = on;
  lookup.authority = on;
  lookup.answer = on;
  lookup.additional = on;
  lookup.comments = on;
  lookup.stats = on;
  settings.showCommand = on;
}
