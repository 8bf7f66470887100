/** Words for an error that only a bug of ours brings about: what it is, and the innermost place that it came through. */
export function describeBug(e: unknown): string {
  const error = e instanceof Error ? e : new Error(String(e));
  const place = /([\w-]+\.[tj]s:\d+)/.exec(error.stack?.split('\n').slice(1).join('\n') ?? '')?.[1];
  return `a bug in Labwire, please report it: ${error.name}: ${error.message} (${place ?? 'no place'})`;
}
