import { expect, it } from 'vitest'
import { clientOf, toNetwork, whenceOf } from '../../src/lib/whence.ts'

it.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:7:8::1', '2001:db8:7::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8:0::/48'],
  ['2606:4700::', '2606:4700:0::/48'],
  ['2a00::1:2:3:4:5', '2a00:0:0::/48'],
  ['240.16.0.1', null],
  ['', null],
  ['unknown', null],
  ['192.0.2.77, 10.0.0.1', null],
  ['[2001:db8::1]', null],
  ['::1]/x', null],
])('the network of %j is %j', (address, network) => {
  expect(toNetwork(address)).toBe(network)
})

it('no whole address is kept of a request', () => {
  const headers = { 'CF-Connecting-IP': '192.0.2.77', 'X-Forwarded-For': '198.51.100.7' }
  expect(whenceOf(new Request('https://app.example.com/', { headers }))).toEqual({
    country: null,
    network: '192.0.2.0/24',
  })
})

it.each([
  ['192.0.2.77', '192.0.2.77'],
  ['240.16.0.1', '240.16.0.1'],
  ['2001:db8:7:8::1', '2001:db8:7:8::/64'],
  ['2001:db8:7:8:ffff:ffff:ffff:ffff', '2001:db8:7:8::/64'],
  ['2001:db8:7:9::1', '2001:db8:7:9::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  // The two zeros before the 7 are the longest run, so `::` stands in front of the fourth group.
  ['2001:0:0:7:1:2:3:4', '2001:0:0:7::/64'],
  ['2606:4700::', '2606:4700:0:0::/64'],
  ['', null],
  ['unknown', null],
  ['192.0.2.77, 10.0.0.1', null],
])('a limit counts the address %j as %j', (address, client) => {
  const headers = { 'CF-Connecting-IP': address, 'X-Forwarded-For': '198.51.100.7' }
  expect(clientOf(new Request('https://app.example.com/', { headers }))).toBe(client)
})
