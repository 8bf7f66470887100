/** A set by its name and the sides of the packet that its parts are asked of. extensions/libxt_set.h */
import { parameterProblem } from './error.ts';

const SET_NAME_MAX = 31;
const MOST_DIRS = 6;

/** A set and the sides. */
export interface SetRef {
  readonly name: string;
  readonly dirs: readonly ('src' | 'dst')[];
}

/** Reads `NAME src,dst`. @throws IptablesError */
export function parseSetRef(text: string, hasSet: (name: string) => boolean): SetRef {
  const [name = '', sides = ''] = text.split(' ');
  if (name.length > SET_NAME_MAX)
    throw parameterProblem(`setname \`${name}' too long, max ${SET_NAME_MAX} characters.`);
  if (!hasSet(name)) throw parameterProblem(`Set ${name} doesn't exist.\n`);
  const words = sides.split(',');
  if (words.length > MOST_DIRS)
    throw parameterProblem(`Can't be more src/dst options than ${MOST_DIRS}.`);
  const dirs = words.map((w): 'src' | 'dst' => {
    if (w !== 'src' && w !== 'dst')
      throw parameterProblem("You must spefify (the comma separated list of) 'src' or 'dst'.");
    return w;
  });
  return { name, dirs };
}
