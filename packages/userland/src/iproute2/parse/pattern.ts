/** A shell pattern as fnmatch(3) takes it. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source.replace(/\[!/g, '[^')}$`, 's').test(text);
}
