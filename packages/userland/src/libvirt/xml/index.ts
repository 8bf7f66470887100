export { XmlElement } from './element.ts';
export { parseXml, XmlSyntaxError } from './read.ts';
export { type Attribute, escapeXml, XmlWriter } from './write.ts';
