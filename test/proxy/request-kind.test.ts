import { describe, expect, it } from 'vitest'
import { isPreflight, kindOf } from '../../src/proxy/request-kind.ts'

const kind = (headers: Record<string, string>, method = 'GET') =>
  kindOf(new Request('https://app.example.com/', { method, headers }))
const fetched = (mode: string, dest: string, more: Record<string, string> = {}) => ({
  'Sec-Fetch-Mode': mode,
  'Sec-Fetch-Dest': dest,
  Accept: 'text/html,*/*',
  ...more,
})

describe('kindOf, of a browser that says what it is about', () => {
  it('is a page when a person goes to an address', () => {
    expect(kind(fetched('navigate', 'document'))).toBe('page')
    expect(kind(fetched('navigate', 'document'), 'HEAD')).toBe('page')
  })

  it('is a form when a person sends one', () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect(kind(fetched('navigate', 'document'), method)).toBe('form')
    }
  })

  it.each([
    ['a script', 'cors', 'empty'],
    ['a script of the same site', 'same-origin', 'empty'],
    ['a script without CORS', 'no-cors', 'empty'],
    ['an image', 'no-cors', 'image'],
    ['a style sheet', 'no-cors', 'style'],
    ['a frame', 'navigate', 'iframe'],
    ['an embedded frame', 'navigate', 'embed'],
    ['a worker', 'same-origin', 'worker'],
    ['a WebSocket', 'websocket', 'empty'],
  ])('is in the background for %s, whatever it accepts', (_, mode, dest) => {
    expect(kind(fetched(mode, dest))).toBe('background')
    expect(kind(fetched(mode, dest), 'POST')).toBe('background')
  })

  it('is in the background for what is fetched before anybody asked', () => {
    const prefetch = { 'Sec-Purpose': 'prefetch;prerender' }
    expect(kind(fetched('navigate', 'document', prefetch))).toBe('background')
  })

  it('is in the background when the destination is not said', () => {
    expect(kind({ 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html' })).toBe('background')
  })
})

describe('kindOf, of anything else', () => {
  it('is a page only for who wants one', () => {
    expect(kind({ Accept: 'text/html,application/xhtml+xml' })).toBe('page')
    expect(kind({ Accept: 'Text/HTML' })).toBe('page')
    expect(kind({ Accept: '*/*' })).toBe('background')
    expect(kind({})).toBe('background')
  })

  it('is in the background for scripts of old, sent bodies, and sockets', () => {
    expect(kind({ Accept: 'text/html', 'X-Requested-With': 'XMLHttpRequest' })).toBe('background')
    expect(kind({ Accept: 'text/html' }, 'POST')).toBe('background')
    expect(kind({ Accept: 'text/html', Upgrade: 'WebSocket' })).toBe('background')
  })
})

describe('isPreflight', () => {
  const of = (method: string, headers: Record<string, string>) =>
    isPreflight(new Request('https://app.example.com/', { method, headers }))
  const asked = { Origin: 'https://b.example', 'Access-Control-Request-Method': 'PUT' }

  it('takes all three: OPTIONS, an origin, and the method that it asks for', () => {
    expect(of('OPTIONS', asked)).toBe(true)
    expect(of('GET', asked)).toBe(false)
    expect(of('OPTIONS', { Origin: asked.Origin })).toBe(false)
    expect(of('OPTIONS', { 'Access-Control-Request-Method': 'PUT' })).toBe(false)
  })
})
