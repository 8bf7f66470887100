export { libvirtPackages } from './package.ts';
