export * from './net-device.ts';
