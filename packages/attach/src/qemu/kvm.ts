import { closeSync, openSync } from 'node:fs';

/** Why the host's processors can't run guests; undefined if they can. */
export function whyNoKvm(): string | undefined {
  try {
    closeSync(openSync('/dev/kvm', 'r+'));
    return undefined;
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    return code === 'EACCES'
      ? 'you may not use /dev/kvm (join the group kvm)'
      : `this computer has no KVM (/dev/kvm: ${code})`;
  }
}

/** Whether words can do with nothing but KVM. */
export function needsKvm(words: readonly string[]): boolean {
  return plain(words).length < words.length || words.some((w, i) => machine(words, i) !== w);
}

/** The same words for plain emulation. */
export function withoutKvm(words: readonly string[]): string[] {
  return plain(words.map((_, i) => cpu(words, i) ?? machine(words, i)));
}

function plain(words: readonly string[]): string[] {
  const isKvm = (i: number): boolean =>
    words[i] === '-accel' && /^(accel=)?kvm\b(?!:)/.test(words[i + 1] ?? '');
  return words.filter((w, i) => w !== '-enable-kvm' && !isKvm(i) && !isKvm(i - 1));
}

/** The value of `-machine` or `-M` with its accelerator changed; any other word as it is. */
function machine(words: readonly string[], i: number): string {
  const word = words[i] as string;
  return words[i - 1] === '-machine' ? word.replace(/\baccel=kvm(?!:)/, 'accel=tcg') : word;
}

/** The value of `-cpu` with the host's processor changed. */
function cpu(words: readonly string[], i: number): string | undefined {
  return words[i - 1] === '-cpu' ? words[i]?.replace(/^host\b/, 'max') : undefined;
}
