export { ah6Matcher, fragMatcher, optionsMatcher, rtMatcher } from './extension.ts';
export { ipv6headerMatcher } from './headers.ts';
export { eui64Matcher, mhMatcher } from './mh.ts';
