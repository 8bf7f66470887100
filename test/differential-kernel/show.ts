import { type Case, rulesText } from './model/case.ts';

/** Long payloads in short. */
export const shortened = (hex: string): string =>
  hex.replace(/(61){20,}/g, (run) => `(61 x ${run.length / 2})`);

/** A case as people read it. */
export function show({ ip, sysctls, tables, sockets, steps }: Case): string {
  return [
    ...ip.map((l) => `ip ${l}`),
    ...sysctls.map(([name, value]) => `sysctl ${name}=${value}`),
    rulesText(tables),
    ...sockets.map((s) => `listen ${s.protocol} ${s.port}`),
    ...steps.map((s) =>
      s.kind === 'frame'
        ? `${s.id}: eth${s.dev} ${shortened(s.frame)} (${s.note})`
        : `${s.id}: answer ${JSON.stringify(s.how)} (${s.note})`,
    ),
  ].join('\n');
}
