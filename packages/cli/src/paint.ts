import { styleText } from 'node:util';
import { type Paint, PLAIN } from '@labwire/scenarios/lab';

const COLOURS: Paint = {
  prompt: (t) => styleText('blue', t),
  command: (t) => styleText('bold', t),
  aside: (t) => styleText('dim', t),
  good: (t) => styleText('green', t),
  bad: (t) => styleText('red', t),
};

/** How a report sets words off. */
export function paintFor(colour: boolean): Paint {
  return colour ? COLOURS : PLAIN;
}
