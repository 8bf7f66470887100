export { type Clock, entryLine, type Happening, listed, type Shown } from './entry-line.ts';
export { entrySave } from './entry-save.ts';
export { entryXml } from './entry-xml.ts';
export { expectationLine } from './expectation.ts';
