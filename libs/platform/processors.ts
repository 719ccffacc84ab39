import { cpus } from 'node:os';

/** Milliseconds of all processors of this machine since it started, and those without work. */
export interface ProcessorTime {
  readonly all: number;
  readonly idle: number;
}

export function processorTime(): ProcessorTime {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.irq + t.idle, 0);
  return { all, idle: times.reduce((sum, { idle }) => sum + idle, 0) };
}

/** The share of all processors without work between two moments, 0 to 1. */
export function idleShare(before: ProcessorTime, after: ProcessorTime): number {
  const all = after.all - before.all;
  return all > 0 ? (after.idle - before.idle) / all : 1;
}
