/** Prepares the next page of the feed while the last one is being written. */
export class ReadAhead<Page extends { readonly count: number }> {
  private next: { readonly place: string; readonly page: Promise<Page> } | undefined;

  /** The page after a position: prepared, or read now where that failed or came too early. */
  async take(after: string, read: () => Promise<Page>): Promise<Page> {
    const prepared = this.next;
    this.next = undefined;
    if (prepared?.place !== placeOf(after)) return read();
    const page = await prepared.page.catch(() => undefined);
    return page && page.count > 0 ? page : read();
  }

  prepare(after: string, read: () => Promise<Page>): void {
    const page = read();
    // Nobody may ever ask for it; who does sees the failure again.
    page.catch(() => undefined);
    this.next = { place: placeOf(after), page };
  }
}

/** A checkpoint names no shard: the place in the feed is what comes before it. */
const placeOf = (position: string) => position.slice(0, position.lastIndexOf('.'));
