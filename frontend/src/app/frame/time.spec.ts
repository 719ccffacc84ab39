import { TestBed } from '@angular/core/testing';
import { Time, TimeUrls, readInstant } from './time';

describe('addresses and the instant', () => {
  const start = () => {
    TestBed.configureTestingModule({});
    return { time: TestBed.inject(Time), urls: TestBed.inject(TimeUrls) };
  };

  it('lets an address given as text decide', () => {
    const { time, urls } = start();
    urls.follow(urls.parse('/deals?asOf=2026-01-31'));
    expect(time.asOf()).toBe('2026-01-31');
    urls.follow(urls.parse('/deals'));
    expect(time.isPast()).toBe(false);
  });

  it('keeps the text of an address that is whole', () => {
    const { time, urls } = start();
    time.adopt('2026-01-31');
    expect(urls.serialize(urls.parse('/deals'))).toBe('/deals');
  });

  it('adds the instant to addresses built in code, and takes it away at now', () => {
    const { time, urls } = start();
    const built = urls.parse('/deals?sort=name');
    const copy = Object.assign(Object.create(Object.getPrototypeOf(built) as object), built);
    time.adopt('2026-01-31');
    expect(urls.serialize(copy)).toBe('/deals?sort=name&asOf=2026-01-31');
    time.adopt(null);
    expect(urls.serialize(copy)).toBe('/deals?sort=name');
  });

  it('takes days and instants only', () => {
    expect(readInstant('2026-01-31')).toBe('2026-01-31');
    expect(readInstant('2026-01-31T10:00:00.000Z')).toBe('2026-01-31T10:00:00.000Z');
    for (const text of ['yesterday', '2026-13-01', '', undefined, '2026-01-31&x']) {
      expect(readInstant(text)).toBeNull();
    }
  });
});
