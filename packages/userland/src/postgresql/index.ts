export { postgresqlPackages } from './package.ts';
