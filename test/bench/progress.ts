/** Takes how much is done, and which share of the whole that is. */
export type Tell = (done: number, share: number) => void;

const EVERY_MS = 15_000;

/** Says every few seconds how far a long work is, at which rate, and how long it still takes. */
export function progress(what: string, say: (line: string) => void): Tell {
  const start = Date.now();
  let first: { readonly done: number; readonly share: number } | undefined;
  let told = start;
  return (done, share) => {
    // What an earlier run did says nothing of how fast this one is.
    first ??= { done, share };
    const now = Date.now();
    if (now - told < EVERY_MS) return;
    told = now;
    const seconds = (now - start) / 1000;
    const rate = Math.round((done - first.done) / seconds);
    const left = ((1 - share) / Math.max(share - first.share, 1e-9)) * seconds;
    const minutes = Math.ceil(left / 60).toLocaleString('en-US');
    const percent = (100 * share).toFixed(1);
    say(
      `  ${what}: ${done.toLocaleString('en-US')} (${percent} %), ` +
        `${rate.toLocaleString('en-US')}/s, ${minutes} min left`,
    );
  };
}
