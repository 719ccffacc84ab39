import { deviceText } from './device';

describe('deviceText', () => {
  it('names browser and system, and a program by its first word', () => {
    const engine = 'AppleWebKit/537.36 (KHTML, like Gecko)';
    const edge = `Mozilla/5.0 (Windows NT 10.0; Win64) ${engine} Chrome/140.0 Safari/537.36 Edg/140`;
    const phone = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${engine} Safari/604.1`;
    expect(deviceText(edge)).toBe('Edge on Windows');
    expect(deviceText(phone)).toBe('Safari on iOS');
    expect(deviceText('curl/8.9.1')).toBe('curl');
    expect(deviceText(null)).toBe('An unknown device');
  });
});
