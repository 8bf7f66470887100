import type { Dissector } from '../base/index.ts';

/** Prints the line with which a connection begins. RFC 4253 section 4.2; print-ssh.c */
export function sshPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'ssh';
  for (const [i, c] of [...'SSH-'].entries()) if (d.u8(off + i) !== c.charCodeAt(0)) return;
  for (let i = 4; i < length; i++) {
    const c = d.u8(off + i);
    if (c === 10 || (c === 13 && i + 1 < length && d.u8(off + i + 1) === 10)) {
      d.print(`: SSH: ${d.chars(off, i)}`);
      return;
    }
    if (c < 32 || c > 126) return;
  }
}
