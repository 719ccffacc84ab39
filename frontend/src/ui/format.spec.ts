import {
  agoText,
  countText,
  dayText,
  majorText,
  minorUnits,
  moneyText,
  shortDayText,
  usePlace,
} from './format';

describe('money', () => {
  beforeAll(() => usePlace({ locale: 'en-US', timeZone: 'UTC' }));

  it('turns minor units into decimal text without loss', () => {
    expect(majorText({ amountMinor: '105400', currency: 'USD' })).toBe('1054.00');
    expect(majorText({ amountMinor: '-5', currency: 'USD' })).toBe('-0.05');
    expect(majorText({ amountMinor: '1054', currency: 'JPY' })).toBe('1054');
    const large = { amountMinor: '999999999999999999', currency: 'USD' };
    expect(majorText(large)).toBe('9999999999999999.99');
  });

  it('reads what people type', () => {
    expect(minorUnits('1,054.5', 'USD')).toBe('105450');
    expect(minorUnits("1'250", 'CHF')).toBe('125000');
    expect(minorUnits('12k', 'USD')).toBe('1200000');
    expect(minorUnits('1.5M', 'USD')).toBe('150000000');
    expect(minorUnits('-3', 'USD')).toBe('-300');
  });

  it('does not guess at what is no amount', () => {
    for (const text of ['', 'abc', '1.234', '1.2.3', '--1']) {
      expect(minorUnits(text, 'USD')).toBeUndefined();
    }
  });

  it('shows cents only where there are some', () => {
    expect(moneyText({ amountMinor: '105400', currency: 'USD' })).toBe('$1,054');
    expect(moneyText({ amountMinor: '105450', currency: 'USD' })).toBe('$1,054.50');
    expect(moneyText(null)).toBe('');
  });
});

describe('times', () => {
  const now = new Date('2026-03-10T12:00:00Z');

  it('is relative within a week and a day beyond it', () => {
    expect(agoText('2026-03-10T11:59:50Z', now)).toBe('just now');
    expect(agoText('2026-03-10T09:00:00Z', now)).toBe('3 hours ago');
    expect(agoText('2026-03-09T12:00:00Z', now)).toBe('yesterday');
    expect(agoText('2026-03-12T12:00:00Z', now)).toBe('in 2 days');
    expect(agoText('2026-01-02T12:00:00Z', now)).toBe('Jan 2, 2026');
  });

  it('shows a day as it is, whatever the zone', () => {
    usePlace({ timeZone: 'America/Los_Angeles' });
    expect(dayText('2026-03-01')).toBe('Mar 1, 2026');
    usePlace({ timeZone: 'UTC' });
  });

  it('names the year of a short day only where it is another one', () => {
    expect(shortDayText('2026-03-01', now)).toBe('Mar 1');
    expect(shortDayText('2027-03-01', now)).toBe('Mar 2027');
  });

  it('says honestly where counting stopped', () => {
    expect(countText(10_000, true)).toBe('10,000+');
    expect(countText(42)).toBe('42');
  });
});
