import type { Terminal } from './output.js';

/** A piece of work whose size may be known only in part. */
export interface Progress {
  /** Begins a part; `total` in the same unit as `done`, when known. */
  begin(title: string, unit: string): void;
  /** How far it is: units done so far, and which share of the whole, from 0 to 1. */
  update(done: number, share?: number): void;
  /** Ends the part with what came of it. */
  end(result?: string): void;
}

const BAR = 24;
const REDRAW_MS = 100;
const LINE_MS = 5_000;
const LEAST_MS = 1_000;

/** A bar with rate and time left on a terminal, plain lines now and then in a pipe. */
export function progressOn(
  terminal: Terminal,
  quiet = false,
  clock: () => number = Date.now,
): Progress {
  let title = '';
  let unit = '';
  let started = 0;
  let drawn = 0;
  let done = 0;
  const live = terminal.error.isTTY === true;
  const write = (text: string) => {
    if (!quiet) terminal.error.write(text);
  };
  const rate = () => done / Math.max(0.001, (clock() - started) / 1000);
  const rateText = () => `${Math.round(rate()).toLocaleString('en')} ${unit}/s`;
  return {
    begin(newTitle, newUnit) {
      [title, unit, started, drawn, done] = [newTitle, newUnit, clock(), clock(), 0];
      if (live) write(`${title} …`);
    },
    update(count, share) {
      done = count;
      const now = clock();
      if (now - drawn < (live ? REDRAW_MS : LINE_MS)) return;
      drawn = now;
      const known = share !== undefined && share > 0;
      const left = known ? duration(((now - started) / share!) * (1 - share!)) : '';
      const counted = `${count.toLocaleString('en')} ${unit}, ${rateText()}`;
      if (live) {
        const bar = known ? `${barOf(share!)} ${percent(share!)} ` : '';
        const text = `${title} ${bar}${counted}${left ? `, ${left} left` : ''}`;
        write(`\r${text.slice(0, (terminal.error.columns ?? 100) - 1)}\u001b[K`);
      } else {
        const part = known ? ` ${percent(share!)},` : '';
        write(`${title}:${part} ${counted}${left ? `, ${left} left` : ''}\n`);
      }
    },
    end(result) {
      const took = clock() - started;
      // What is over at once is not worth a line where nobody watches.
      if (!live && !result && took < LEAST_MS) return;
      const counted = `${done.toLocaleString('en')} ${unit} in ${duration(took)}`;
      const text = result ?? `${counted}, ${rateText()}`;
      write(live ? `\r${title}: ${text}\u001b[K\n` : `${title}: ${text}\n`);
    },
  };
}

function barOf(share: number): string {
  const full = Math.min(BAR, Math.round(share * BAR));
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
}

function percent(share: number): string {
  return `${Math.min(100, Math.floor(share * 100))} %`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
