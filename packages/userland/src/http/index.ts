export { base64 } from './base64.ts';
export { type BodyEnd, type BodySink, readBody } from './body.ts';
export {
  type BodyFraming,
  keepsAlive,
  parseFields,
  parseStatusLine,
  type RequestHead,
  type ResponseHead,
  responseFraming,
} from './head.ts';
export { HeaderList } from './header-list.ts';
export { type CivilTime, civilTime, httpDate, parseHttpDate, two } from './http-date.ts';
export { ReadTimeout, StreamReader } from './stream-reader.ts';
export {
  DEFAULT_PORTS,
  formatUrl,
  parseUrl,
  removeDotSegments,
  resolveReference,
  type Url,
  urlHost,
} from './url.ts';
