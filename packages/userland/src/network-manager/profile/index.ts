export { formatKeyfile, parseKeyfile } from './keyfile.ts';
export { Profile, type ProfileType } from './profile.ts';
export { BadValue, normalize, type Property, shown, splitList } from './property.ts';
export { findProperty, findSetting, SETTINGS, type Setting } from './settings.ts';
export { verify } from './verify.ts';
