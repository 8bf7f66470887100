import type { Case, RuleTable } from './model/case.ts';

/** Tells whether a smaller case still shows what the larger one did. */
export type StillFails = (test: Case) => Promise<boolean>;

/** The smallest case that can be had by leaving things out, piece by piece. */
export async function shrink(test: Case, fails: StillFails): Promise<Case> {
  let best = test;
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const reduce of REDUCTIONS) {
      const next = await reduce(best, fails);
      if (next !== best) smaller = true;
      best = next;
    }
  }
  return best;
}

type Reduction = (test: Case, fails: StillFails) => Promise<Case>;

/** Leaves out runs of a list's elements, longer ones first. */
async function fewer<T>(
  list: readonly T[],
  fails: (l: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let best = list;
  for (
    let size = Math.ceil(best.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < best.length; ) {
      const without = [...best.slice(0, at), ...best.slice(at + size)];
      if (await fails(without)) best = without;
      else at += size;
    }
  }
  return best;
}

const list =
  <K extends 'steps' | 'ip' | 'sysctls' | 'sockets'>(key: K, keep?: RegExp): Reduction =>
  async (test, fails) => {
    const was = test[key] as readonly unknown[];
    const kept = was.filter((x) => keep?.test(String(x)));
    const rest = was.filter((x) => !kept.includes(x));
    const now = await fewer(rest, (l) => fails({ ...test, [key]: [...kept, ...l] }));
    return now.length === rest.length ? test : { ...test, [key]: [...kept, ...now] };
  };

const tables: Reduction = async (test, fails) => {
  let best = test;
  for (const name of Object.keys(test.tables)) {
    const { [name]: gone, ...rest } = best.tables;
    if (gone !== undefined && (await fails({ ...best, tables: rest })))
      best = { ...best, tables: rest };
  }
  return best;
};

const rules: Reduction = async (test, fails) => {
  let best = test;
  for (const [name, table] of Object.entries(test.tables)) {
    const put = (t: RuleTable): Case => ({ ...best, tables: { ...best.tables, [name]: t } });
    const left = await fewer(table.rules, (l) => fails(put({ ...table, rules: l })));
    if (left.length < table.rules.length) best = put({ ...table, rules: left });
  }
  return best;
};

/** A match, an option or a target at a time. */
const words: Reduction = async (test, fails) => {
  let best = test;
  for (const [name, { rules: lines }] of Object.entries(test.tables)) {
    for (const at of lines.keys()) {
      const pieces = (best.tables[name]?.rules[at] ?? '').split(/ (?=! |-)/).flatMap(mergeNot);
      const left = await fewer(pieces.slice(1), (l) =>
        fails(withRule(best, name, at, [pieces[0] as string, ...l])),
      );
      if (left.length < pieces.length - 1)
        best = withRule(best, name, at, [pieces[0] as string, ...left]);
    }
  }
  return best;
};

/** `!` goes with the option behind it. */
function mergeNot(piece: string, i: number, all: readonly string[]): string[] {
  if (piece === '!') return [];
  return all[i - 1] === '!' ? [`! ${piece}`] : [piece];
}

function withRule(test: Case, name: string, at: number, pieces: readonly string[]): Case {
  const table = test.tables[name] as RuleTable;
  const lines = table.rules.map((r, i) => (i === at ? pieces.join(' ') : r));
  return { ...test, tables: { ...test.tables, [name]: { ...table, rules: lines } } };
}

const REDUCTIONS: readonly Reduction[] = [
  list('steps'),
  tables,
  rules,
  // real time would decide how many redirects and errors are sent
  list('sysctls', /ratemask|send_redirects|proxy_delay/),
  list('sockets'),
  // MAC addresses would be drawn at random
  list('ip', / address /),
  words,
];
