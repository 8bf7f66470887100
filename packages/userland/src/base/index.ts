export { baseFilesPackage } from './package.ts';
export { findUser, type Group, readGroups, readUsers, type User, userNames } from './users.ts';
