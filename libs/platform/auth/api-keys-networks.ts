import { BlockList, isIP } from 'node:net';

interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly bits: number;
}

function networkOf(text: string): Network | undefined {
  const [address, bits, ...more] = text.trim().split('/') as [string, ...string[]];
  const version = isIP(address);
  if (version === 0 || more.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const wanted = bits === undefined ? most : Number(bits);
  if (wanted > most) return undefined;
  return { address, family: version === 4 ? 'ipv4' : 'ipv6', bits: wanted };
}

/** Whether text names an address or a network: `203.0.113.7`, `2001:db8::/32`. */
export function isNetwork(text: string): boolean {
  return networkOf(text) !== undefined;
}

/** Whether an address lies in one of these networks; without any network every address does. */
export function isAllowed(networks: readonly string[], ip: string | undefined): boolean {
  if (networks.length === 0) return true;
  const plain = (ip ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const version = isIP(plain);
  if (version === 0) return false;
  const list = new BlockList();
  for (const text of networks) {
    const network = networkOf(text);
    if (network) list.addSubnet(network.address, network.bits, network.family);
  }
  return list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}
