/** Header fields in the order in which they came; names compare without case. RFC 9110 section 5 */
export class HeaderList {
  readonly entries: [name: string, value: string][] = [];

  /** Adds a field behind the others. */
  add(name: string, value: string): void {
    this.entries.push([name, value]);
  }

  /** The value of the first field of a name. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    return this.entries.find(([n]) => n.toLowerCase() === wanted)?.[1];
  }

  /** All values of a name, in order. */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.entries.filter(([n]) => n.toLowerCase() === wanted).map(([, v]) => v);
  }

  /** Whether a comma-separated field holds a token, in any case. */
  hasToken(name: string, token: string): boolean {
    return this.all(name).some((value) =>
      value.split(',').some((each) => each.trim().toLowerCase() === token),
    );
  }
}
