/** Events that may be left for the moment in which everybody waits. */
const FEW = 64;
/** Events that may be left where indexes are built next: as many come during one of them. */
const MANY = 1000;
/** After so many rounds in which as much came as was done, it takes all it can get. */
const PATIENCE = 3;

/** What was applied of that which had been there when the round began. */
export interface Round {
  readonly events: number;
  readonly batches: number;
}

/**
 * Goes in rounds, each of which does what came during the one before, until hardly anything is
 * left; or `roughly`, until not much is, or no less than before.
 */
export async function comeUp(
  how: 'fully' | 'roughly',
  round: (hurry: boolean) => Promise<Round>,
): Promise<void> {
  const isRough = how === 'roughly';
  let [last, stalled] = [Infinity, 0];
  for (;;) {
    const hurry = stalled >= PATIENCE;
    const { events, batches } = await round(hurry);
    if (events <= (isRough ? MANY : FEW) || (hurry && batches <= 1)) return;
    if (events >= last) stalled++;
    if (isRough && stalled > 0) return;
    last = events;
  }
}
