import { Cadence } from './cadence.js';

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls under way at once; more would only make the groups smaller. */
const CONCURRENCY = 3;
const MOST = 64;

/**
 * Questions asked at the same moment go to the database in one call and share its round trip. Alone
 * a question goes at once; where a call fails, each of its questions is asked by itself, so that
 * one cannot spoil the answers of its neighbours.
 */
export class Gather<Question, Answer> {
  private waiting: Waiting<Question, Answer>[] = [];
  private running = 0;
  private scheduled = false;
  private readonly cadence = new Cadence();

  /** @param ask answers in the order of the questions. */
  constructor(
    private readonly ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  ) {}

  one(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, resolve, reject });
      if (this.running > 0) this.cadence.crowded();
      this.schedule();
    });
  }

  /** What other requests of this turn of the event loop ask joins the same call. */
  private schedule(): void {
    if (this.scheduled || this.running === CONCURRENCY) return;
    this.scheduled = true;
    this.cadence.next(() => {
      this.scheduled = false;
      this.start();
    }, setImmediate);
  }

  private start(): void {
    while (this.running < CONCURRENCY && this.waiting.length > 0) {
      this.running += 1;
      void this.send(this.waiting.splice(0, MOST)).finally(() => {
        this.running -= 1;
        if (this.waiting.length > 0) this.schedule();
      });
    }
  }

  private async send(group: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.ask(group.map(({ question }) => question));
      group.forEach(({ resolve }, index) => resolve(answers[index]!));
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error);
      await Promise.all(group.map((one) => this.send([one])));
    }
  }
}
