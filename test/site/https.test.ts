import { describe, expect, it } from 'vitest'
import { refusePlainHttp } from '../../src/site/https.ts'
import { siteOf } from '../support/site.ts'

const answer = (url: string, method = 'GET', site = siteOf()) =>
  refusePlainHttp(new Request(url, { method }), new URL(url), site)

describe('a request in the clear', () => {
  it('is sent to https when it only reads', () => {
    const redirect = answer('http://app.example.com/a%2Fb?c=d')
    expect(redirect?.status).toBe(308)
    expect(redirect?.headers.get('Location')).toBe('https://app.example.com/a%2Fb?c=d')
    expect(answer('http://app.example.com/', 'HEAD')?.status).toBe(308)
  })

  it('is refused when it would write', () => {
    expect(answer('http://app.example.com/', 'POST')?.status).toBe(403)
  })

  it('passes on a site that is plain http itself, and over https', () => {
    expect(
      answer('http://localhost:8787/', 'GET', siteOf({ url: 'http://localhost:8787' })),
    ).toBeNull()
    expect(answer('https://app.example.com/', 'POST')).toBeNull()
  })
})
