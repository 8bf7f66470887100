/** Splits a list at its commas; `,,` is one comma in an item. vshStringToArray() */
export function splitList(text: string): string[] {
  const items: string[] = [''];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== ',') items.push(`${items.pop()}${text[at]}`);
    else if (text[at + 1] === ',') {
      items.push(`${items.pop()},`);
      at++;
    } else items.push('');
  }
  return items;
}
