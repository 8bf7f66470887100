import { PROTOCOLS } from './rt-protocols.ts';

/** The name tables that the package lays out under /etc/iproute2: path to content. */
export const ETC_IPROUTE2: Readonly<Record<string, string>> = {
  rt_tables:
    '#\n# reserved values\n#\n255\tlocal\n254\tmain\n253\tdefault\n0\tunspec\n#\n# local\n#\n#1\tinr.ruhep\n',
  // the file knows one that is not built in
  rt_protos: table(
    '#\n# Reserved protocols.\n#\n',
    [...PROTOCOLS, [99, 'openr'] as const].sort(([a], [b]) => a - b),
  ),
  rt_scopes: `${table('#\n# reserved values\n#\n', [
    [0, 'global'],
    [255, 'nowhere'],
    [254, 'host'],
    [253, 'link'],
  ])}#\n# pseudo-reserved\n#\n200\tsite\n`,
  rt_realms: '#\n# reserved values\n#\n0\tcosmos\n',
  rt_dsfield: dsfield(),
  group: '# device group names\n0\tdefault\n',
};

function table(head: string, rows: readonly (readonly [number, string])[]): string {
  return head + rows.map(([id, name]) => `${id}\t${name}\n`).join('');
}

/** The code points of RFC 2474, 2597 and 2598, in the high six bits. */
function dsfield(): string {
  const assured = [1, 2, 3, 4].flatMap((cls) =>
    [1, 2, 3].map((drop) => [(cls * 8 + drop * 2) * 4, `AF${cls}${drop}`] as const),
  );
  const selectors = [1, 2, 3, 4, 5, 6, 7].map((n) => [n * 0x20, `CS${n}`] as const);
  const rows = [[0, 'default'] as const, ...assured, ...selectors, [0xb8, 'EF'] as const];
  return rows.map(([id, name]) => `0x${id.toString(16)}\t${name}\n`).join('');
}
