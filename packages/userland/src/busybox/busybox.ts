import {
  DEFAULT_PATH,
  exec,
  findProgram,
  type Manual,
  type Process,
  rowsOf,
} from '../machine/index.ts';
import { APPLETS } from './applets.ts';
import { BUSYBOX_VERSION } from './version.ts';

/** Columns that the list of functions goes up to. libbb/appletlib.c, run_applet_and_exit() */
const WIDTH = 80;

const INTRODUCTION = `${BUSYBOX_VERSION}
BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: busybox --show SCRIPT
   or: busybox --install [-s] [DIR]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.  Most people will create a
	link to busybox for each function they wish to use and BusyBox
	will act like whatever it was invoked as.

Currently defined functions:
`;

/** The applets that busybox has where the machine has their programs. */
export const busyboxManual = (): Manual => [{ title: 'Applets', rows: rowsOf(APPLETS) }];

/** busybox(1). @deviation an applet is the machine's own program of that name; one that the machine has not is `applet not found` */
export async function busybox(proc: Process): Promise<number> {
  const [, name, ...args] = proc.argv;
  if (name === undefined || name === '--help') {
    await proc.out(INTRODUCTION + columns(available(proc)));
    return 0;
  }
  if (name === '--list') {
    await proc.out(
      available(proc)
        .map((applet) => `${applet}\n`)
        .join(''),
    );
    return 0;
  }
  const path = APPLETS.includes(name) ? programOf(proc, name) : undefined;
  if (path === undefined) {
    await proc.err(`${name}: applet not found\n`);
    return 127;
  }
  return exec(proc, path, [name, ...args]);
}

function programOf(proc: Process, applet: string): string | undefined {
  return findProgram(proc, applet, DEFAULT_PATH);
}

function available(proc: Process): string[] {
  return APPLETS.filter((applet) => programOf(proc, applet) !== undefined);
}

/** Names with commas in lines that begin with a tab. */
function columns(names: readonly string[]): string {
  let text = '';
  let column = 0;
  for (const [i, name] of names.entries()) {
    const word = i === names.length - 1 ? name : `${name}, `;
    if (column === 0 || column + name.length + 2 > WIDTH - 2) {
      text = `${text.trimEnd()}${i === 0 ? '' : '\n'}\t`;
      column = 8;
    }
    text += word;
    column += word.length;
  }
  return `${text}\n`;
}
