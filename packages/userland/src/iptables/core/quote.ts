/** A string as iptables-save prints it: in quotes unless it is letters, digits, `_` and `-`. libxtables, xtables_save_string() */
export function saveString(text: string): string {
  return /^[\w-]+$/.test(text) ? ` ${text}` : ` "${text.replace(/["\\']/g, '\\$&')}"`;
}
